// Makes the calls of the scenario with the npm package `@seamapi/http`, whichever version the given folder has.
// `node javascript_sdk.mjs FOLDER`: reads what to do as JSON from stdin, prints a line of JSON per call.
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { isDeepStrictEqual } from 'node:util'
import { pathToFileURL } from 'node:url'

const PATIENCE = 20_000

const module = path.resolve(process.argv[2], 'node_modules/@seamapi/http/index.js')
const sdk = await import(pathToFileURL(module))
const { SeamHttp } = sdk

// The answer is not as the scenario says.
class Unlike extends Error {}
// The client can't make this call.
class Absent extends Error {}

const snake = (name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
const OF_EVERY_GROUP = new Set(['constructor', 'createPaginator', 'updateClientSessionToken'])

// Every method of the client by the path that it calls: the properties' names are the path's.
const routes = (client) => {
  const found = {}
  const look = (place, names) => {
    const prototype = Object.getPrototypeOf(place)
    for (const [name, { get, value }] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
      if (OF_EVERY_GROUP.has(name)) continue
      if (get != null) {
        const inner = place[name]
        if (inner?.constructor?.name.startsWith('SeamHttp')) look(inner, [...names, snake(name)])
      } else if (typeof value === 'function' && names.length > 0) {
        found[`/${[...names, snake(name)].join('/')}`] = (...given) => place[name](...given)
      }
    }
  }
  look(client, [])
  return found
}

const at = (value, path) => path.split('.').reduce((place, part) => place?.[part], value)

class Driver {
  kept = {}

  constructor(task) {
    this.options = { endpoint: task.endpoint, isUndocumentedApiEnabled: true }
    this.apiKey = task.api_key
    this.client = new SeamHttp({ apiKey: this.apiKey, ...this.options })
    this.stranger = new SeamHttp({ apiKey: task.wrong_api_key, ...this.options })
    this.methods = routes(this.client)
  }

  fill(value) {
    if (typeof value === 'string' && value.startsWith('$')) {
      const [name, ...path] = value.slice(1).split('.')
      if (!(name in this.kept)) throw new Unlike(`there is no ${name}, since its call failed`)
      return at(this.kept[name], path.join('.'))
    }
    if (Array.isArray(value)) return value.map((each) => this.fill(each))
    if (value !== null && typeof value === 'object') {
      return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, this.fill(each)]))
    }
    return value
  }

  who(step) {
    if (step.key_is_wrong) return this.stranger
    if (step.headers != null) {
      return new SeamHttp({ apiKey: this.apiKey, ...this.options, axiosOptions: { headers: step.headers } })
    }
    if (step.session != null) return SeamHttp.fromClientSessionToken(this.fill(step.session), this.options)
    return this.client
  }

  async ask(step) {
    const who = this.who(step)
    const method = who === this.client ? this.methods[step.route] : routes(who)[step.route]
    if (step.by == null && method == null) throw new Absent('it has no such method')
    const given = this.fill(step.with)
    if (step.by != null) {
      const config = step.by === 'GET' ? { params: given } : { data: given }
      const { data } = await who.client.request({ url: step.route, method: step.by, ...config })
      return data[step.key]
    }
    if (step.pages != null) return await this.walk(who, method, given, step)
    return Object.keys(given).length > 0 ? await method(given) : await method()
  }

  async make(step) {
    let answer
    try {
      answer = await this.ask(step)
    } catch (error) {
      if (!sdk.isSeamHttpApiError(error)) throw error
      this.checkError(error, step)
      return error.requestId
    }
    if (step.refused != null) throw new Unlike('it was not refused')
    this.check(answer, step)
    if (step.keep != null) this.kept[step.keep] = answer
    return null
  }

  checkError(error, { refused }) {
    const shown = `${error.constructor.name} ${error.statusCode} ${error.code}: ${error.message}`
    if (refused == null) throw new Unlike(shown)
    const isRightKind =
      refused.status === 401
        ? sdk.isSeamHttpUnauthorizedError(error)
        : refused.code !== 'invalid_input' || sdk.isSeamHttpInvalidInputError(error)
    if (!isRightKind) throw new Unlike(`the wrong class: ${shown}`)
    if (error.statusCode !== refused.status || ![null, error.code].includes(refused.code)) {
      throw new Unlike(`expected ${JSON.stringify(refused)}: ${shown}`)
    }
    if (!error.requestId) throw new Unlike(`without a request id: ${shown}`)
    for (const [name, wanted] of Object.entries(refused.messages ?? {})) {
      const messages = error.getValidationErrorMessages(name)
      if (messages.length === 0 || (wanted != null && !isDeepStrictEqual(messages, wanted))) {
        throw new Unlike(`messages for ${name} are ${JSON.stringify(messages)}: ${shown}`)
      }
    }
  }

  check(answer, step) {
    for (const [path, wanted] of Object.entries(this.fill(step.shows ?? {}))) {
      const shown = at(answer, path) ?? null
      if (!isDeepStrictEqual(shown, wanted)) {
        throw new Unlike(`${path} is ${JSON.stringify(shown)}, not ${JSON.stringify(wanted)}`)
      }
    }
    if (step.lists != null && !this.finds(answer, step.lists)) {
      throw new Unlike(`${JSON.stringify(this.fill(step.lists))} is not among ${answer.length}`)
    }
    if (step.lacks != null && this.finds(answer, step.lacks)) {
      throw new Unlike(`${JSON.stringify(this.fill(step.lacks))} is among ${answer.length}`)
    }
  }

  finds(items, wanted) {
    const pairs = Object.entries(this.fill(wanted))
    return items.some((item) => pairs.every(([path, value]) => isDeepStrictEqual(at(item, path) ?? null, value)))
  }

  async walk(who, method, given, step) {
    const { key, at_least: atLeast } = step.pages
    const among = this.fill(step.pages.among)
    const pages = who.createPaginator(method(given))
    let [items, state] = await pages.firstPage()
    let count = 1
    const byHand = [...items]
    while (state.hasNextPage) {
      ;[items, state] = await pages.nextPage(state.nextPageCursor)
      byHand.push(...items)
      count += 1
    }
    if (count < atLeast) throw new Unlike(`only ${count} pages`)
    const oneByOne = []
    for await (const item of pages.flatten()) oneByOne.push(item)
    const byPage = []
    for await (const page of pages) byPage.push(...page)
    const ways = { 'page by page': byHand, flattened: await pages.flattenToArray(), 'one by one': oneByOne, iterated: byPage }
    for (const [way, walked] of Object.entries(ways)) {
      const ids = walked.map((item) => at(item, key))
      if (new Set(ids).size !== ids.length) throw new Unlike(`${way}: an item came twice`)
      const missing = among.filter((each) => !ids.includes(each))
      if (missing.length > 0) throw new Unlike(`${way}: ${missing} did not come`)
    }
    return byHand
  }
}

const run = async (driver, step) => {
  const deadline = Date.now() + (step.until ? PATIENCE : 0)
  for (;;) {
    try {
      return { outcome: 'ok', request_id: await driver.make(step) }
    } catch (error) {
      if (error instanceof Absent) return { outcome: 'absent', why: error.message }
      if (Date.now() < deadline) {
        await new Promise((resolve) => setTimeout(resolve, 100))
        continue
      }
      return { outcome: 'failed', why: error instanceof Unlike ? error.message : `${error.name}: ${error.message}` }
    }
  }
}

const task = JSON.parse(await text(process.stdin))
const driver = new Driver(task)
const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`)
say({ has: Object.keys(driver.methods).sort() })
for (const step of task.steps) say({ route: step.route, ...(await run(driver, step)) })
