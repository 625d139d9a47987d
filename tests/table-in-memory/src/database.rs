//! The tables, and what each operation does with them.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use serde_json::{Value, json};

use crate::{
    attribute::Item,
    capacity,
    client::Fate,
    definition::Definition,
    page::Page,
    query,
    refusal::Refusal,
    request::{Request, text},
    scan,
    stored::Stored,
    table::Table,
    transaction,
    write::{self, Write},
};

/// Fields that every write may have.
const OF_WRITES: [&str; 7] = [
    "TableName",
    "ConditionExpression",
    "ExpressionAttributeNames",
    "ExpressionAttributeValues",
    "ReturnValues",
    "ReturnValuesOnConditionCheckFailure",
    "ReturnConsumedCapacity",
];

/// A DynamoDB in memory. Cheap to clone: clones are the same database.
#[derive(Clone)]
pub struct Database(Arc<Inner>);

/// All tables of a database, as they were at one moment.
#[derive(Clone, Debug)]
pub struct Snapshot(BTreeMap<String, Table>);

/// What a request is answered with.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    /// JSON.
    Text(String),
    /// A page of what a query finds.
    Page(Page),
}

impl Answer {
    fn of(answer: &Value) -> Self {
        Self::Text(answer.to_string())
    }
}

struct Inner {
    tables: Mutex<BTreeMap<String, Table>>,
    seconds: Box<dyn Fn() -> i64 + Send + Sync>,
    conditions_count: AtomicBool,
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database").finish_non_exhaustive()
    }
}

impl Database {
    /// An empty one. `seconds` dates the stream's records.
    #[must_use]
    pub fn new(seconds: impl Fn() -> i64 + Send + Sync + 'static) -> Self {
        Self(Arc::new(Inner {
            tables: Mutex::default(),
            seconds: Box::new(seconds),
            conditions_count: AtomicBool::new(true),
        }))
    }

    /// From now on every condition of a write holds: for the proof that a test would notice.
    pub fn let_every_condition_hold(&self) {
        self.0.conditions_count.store(false, Ordering::Relaxed);
    }

    /// Makes a table, as `CreateTable` does. Answers whether it could.
    #[must_use]
    pub fn create_table(&self, body: &Value) -> bool {
        let mut request = Request {
            operation: "CreateTable".to_owned(),
            body: body.clone(),
        };
        self.perform(&mut request).is_ok()
    }

    /// All tables as they are now.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        Snapshot(self.tables().clone())
    }

    /// All tables are again as they were then.
    pub fn restore(&self, snapshot: &Snapshot) {
        self.tables().clone_from(&snapshot.0);
    }

    /// Puts an item in its place unconditionally, as the wire writes it: also one that no version of the store would write. Answers whether
    /// it could.
    #[must_use]
    pub fn put(&self, table: &str, item: &Value) -> bool {
        let mut request = Request {
            operation: "PutItem".to_owned(),
            body: json!({ "TableName": table, "Item": item }),
        };
        self.perform(&mut request).is_ok()
    }

    /// All items of a table, in the wire's form.
    #[must_use]
    pub fn items(&self, table: &str) -> Vec<Value> {
        let tables = self.tables();
        let items = tables.get(table).into_iter().flat_map(Table::items);
        items.cloned().map(Value::Object).collect()
    }

    /// The records of a table's stream that nobody took yet, in order, as Lambda's event has them.
    #[must_use]
    pub fn take_stream(&self, table: &str) -> Vec<Value> {
        self.tables().get_mut(table).map(Table::take_stream).unwrap_or_default()
    }

    /// What the items of a table hold in one attribute, in the wire's form.
    #[must_use]
    pub fn attribute(&self, table: &str, name: &str) -> Vec<Value> {
        let tables = self.tables();
        let items = tables.get(table).into_iter().flat_map(Table::items);
        items.filter_map(|item| item.get(name).cloned()).collect()
    }

    /// Answers a request, out of which what it writes may be taken. `None`: nothing comes back.
    pub(crate) fn answer(&self, request: &mut Request, fate: Fate) -> Option<Result<Answer, Refusal>> {
        Some(match fate {
            Fate::Done => self.perform(request),
            Fate::Throttled => Err(Refusal::throttled()),
            Fate::NotReached => return None,
            Fate::ReplyLost => {
                let _ = self.perform(request);
                return None;
            }
            Fate::InATransaction => match request.operation.as_str() {
                "TransactWriteItems" => Err(transaction::busy(&request.body)),
                _ if request.is_write() => Err(Refusal::in_a_transaction()),
                _ => self.perform(request),
            },
        })
    }

    fn tables(&self) -> MutexGuard<'_, BTreeMap<String, Table>> {
        self.0.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does what a request asks for.
    fn perform(&self, request: &mut Request) -> Result<Answer, Refusal> {
        let body = &mut request.body;
        let mut tables = self.tables();
        match request.operation.as_str() {
            "CreateTable" => {
                let name = text(body, "TableName").ok_or_else(Refusal::no_such_table)?;
                if tables.contains_key(name) {
                    return Err(Refusal::table_exists());
                }
                let definition = Definition::of(body).ok_or_else(|| Refusal::validation("a table that is not known here"))?;
                tables.insert(name.to_owned(), Table::new(definition));
                Ok(Answer::of(
                    &json!({ "TableDescription": { "TableName": name, "TableStatus": "ACTIVE" } }),
                ))
            }
            "TransactWriteItems" => {
                known(body, &["TransactItems", "ClientRequestToken", "ReturnConsumedCapacity"])?;
                let name = table_of_transaction(body)?;
                let table = tables.get_mut(&name).ok_or_else(Refusal::no_such_table)?;
                let units = transaction::write(table, body, self.conditions_count(), (self.0.seconds)())?;
                let mut answer = json!({});
                if let Some(cost) = capacity::consumed(body, &name, f64::from(units)) {
                    answer["ConsumedCapacity"] = json!([cost]);
                }
                Ok(Answer::of(&answer))
            }
            operation => {
                let name = text(body, "TableName").unwrap_or_default().to_owned();
                let table = tables.get_mut(&name).ok_or_else(Refusal::no_such_table)?;
                match operation {
                    "GetItem" => get(table, &name, body).map(Answer::Text),
                    "Query" => {
                        let more = [
                            "IndexName",
                            "KeyConditionExpression",
                            "FilterExpression",
                            "Limit",
                            "ExclusiveStartKey",
                        ];
                        known(body, &[&OF_WRITES[..], &more, &["ScanIndexForward", "ConsistentRead"]].concat())?;
                        query::query(table, &name, body).map(Answer::Page)
                    }
                    "Scan" => {
                        let more = ["Limit", "ExclusiveStartKey", "ConsistentRead", "ReturnConsumedCapacity"];
                        known(body, &[&["TableName"][..], &more].concat())?;
                        scan::scan(table, &name, body).map(|page| Answer::Text(page.text()))
                    }
                    "PutItem" | "UpdateItem" | "DeleteItem" => self.write(table, &name, operation, body),
                    _ => Err(Refusal::unknown_operation()),
                }
            }
        }
    }

    fn conditions_count(&self) -> bool {
        self.0.conditions_count.load(Ordering::Relaxed)
    }

    fn write(&self, table: &mut Table, name: &str, operation: &str, body: &mut Value) -> Result<Answer, Refusal> {
        known(body, &[&OF_WRITES[..], &["Item", "Key", "UpdateExpression"]].concat())?;
        let write = match operation {
            "PutItem" => Write::put(body, &table.definition)?,
            "UpdateItem" => Write::update(body, &table.definition)?,
            _ => Write::delete(body, &table.definition)?,
        };
        let returned = text(body, "ReturnValues");
        let key = write.key.clone();
        let before = table.get(&key).filter(|_| returned == Some("ALL_OLD")).map(|item| (**item).clone());
        let after = write.outcome(table, self.conditions_count())?;
        let shown: Option<Item> = match returned {
            None | Some("NONE") => None,
            Some("ALL_OLD") => before,
            Some("ALL_NEW") if operation == "UpdateItem" => after.clone(),
            Some(other) => return Err(Refusal::validation(format!("ReturnValues {other} is not known here"))),
        };
        let units = table.put(&key, after, (self.0.seconds)());
        let mut answer = json!({});
        if let Some(shown) = shown {
            answer["Attributes"] = Value::Object(shown);
        }
        if let Some(cost) = capacity::consumed(body, name, f64::from(units)) {
            answer["ConsumedCapacity"] = cost;
        }
        Ok(Answer::of(&answer))
    }
}

fn get(table: &Table, name: &str, body: &Value) -> Result<String, Refusal> {
    known(body, &["TableName", "Key", "ConsistentRead", "ReturnConsumedCapacity"])?;
    let found = table.get(&write::whole_key(body, &table.definition)?);
    let cost = capacity::consumed(body, name, capacity::of_read(found.map_or(0, Stored::size), body));
    let shown = found.map(|item| format!(r#""Item":{}"#, item.text()));
    let cost = cost.map(|cost| format!(r#""ConsumedCapacity":{cost}"#));
    let fields: Vec<String> = shown.into_iter().chain(cost).collect();
    Ok(format!("{{{}}}", fields.join(",")))
}

/// What is not known would be ignored otherwise, and the answer be a guess.
pub(crate) fn known(body: &Value, fields: &[&str]) -> Result<(), Refusal> {
    let mut given = body.as_object().into_iter().flatten();
    match given.find(|(name, value)| !fields.contains(&name.as_str()) && !value.is_null()) {
        Some((name, _)) => Err(Refusal::validation(format!("the table in memory does not know {name}"))),
        None => Ok(()),
    }
}

/// All parts are about one table here.
fn table_of_transaction(body: &Value) -> Result<String, Refusal> {
    let inner = transaction::parts(body)?
        .iter()
        .flat_map(|part| part.as_object().into_iter().flatten());
    let mut names = inner.map(|(_, inner)| text(inner, "TableName").unwrap_or_default());
    let first = names.next().unwrap_or_default();
    if names.all(|name| name == first) {
        Ok(first.to_owned())
    } else {
        Err(Refusal::validation("a transaction over several tables is not known here"))
    }
}
