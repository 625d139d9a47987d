// Prints Seam's own OpenAPI document as JSON: the answers' schemas of each path and method, and the components.
// `node seam_openapi.mjs FOLDER`, where FOLDER/node_modules has @seamapi/types.
import path from 'node:path'
import { pathToFileURL } from 'node:url'

const file = path.resolve(process.argv[2], 'node_modules/@seamapi/types/lib/seam/connect/openapi.js')
const { default: document } = await import(pathToFileURL(file))

const answers = {}
for (const [route, methods] of Object.entries(document.paths)) {
  answers[route] = {}
  for (const [method, operation] of Object.entries(methods)) {
    answers[route][method] = operation.responses?.['200']?.content?.['application/json']?.schema ?? null
  }
}
process.stdout.write(JSON.stringify({ openapi: document.openapi, answers, schemas: document.components.schemas }))
