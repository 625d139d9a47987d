//! The whole system in one process: the functions, the table and its stream, the credential manager's stand-in, and what calls
//! the functions in AWS's place.

use std::{io, sync::Arc, time::Duration};

use fobless::{
    api_key::hash_api_key,
    clock::Clock,
    config::{ConfigError, Settings},
    credential_manager::{CallError, Callback},
    domain::secret::Secret,
    reconcile::Reconciler,
    secrets::Cached,
    store::{Store, connect},
    telemetry::Telemetry,
    webhook_delivery::Sender,
};
use hid_origo_simulator::{Options as Simulated, PartNumber, Simulator};
use reqwest::{Client, Url};
use tokio::net::TcpListener;

use crate::{
    activity::ActivityLog,
    checkpoint::CheckpointFile,
    data_dir::DataDir,
    database::{Database, DatabaseServer, Stream},
    delivery::{Delivery, Retry},
    environment::{CALLBACK_HEADER, Environment, HidOrigo},
    function::{FUNCTION_TIMEOUT, StreamFunction},
    functions_server::FunctionsServer,
    http_client::loopback_client,
    on_failure_queue::OnFailureQueue,
    options::SystemOptions,
    ready::Ready,
    secrets_file::Secrets,
    seed,
    start_error::StartError,
    stream_pump::{Parts, StreamPump},
    sweep_schedule::SweepSchedule,
    task::Task,
    woken::{ISSUER, SENDER, Woken},
};

/// The file of settings for whatever else uses this table: functions that run elsewhere, and `cargo fobless`.
pub const ENVIRONMENT_FILE: &str = "functions.env";

/// How long to wait before the callback is registered again.
const CALLBACK_RETRY: Duration = Duration::from_secs(5);

/// The running system. Dropping it ends it at once; [`System::stop`] lets what has begun come to its end.
pub struct System {
    ready: Ready,
    functions: Option<FunctionsServer>,
    _sweeps: SweepSchedule,
    /// Registers the callback, if that did not work at once.
    _registration: Option<Task<()>>,
    pump: StreamPump,
    simulator: Option<Simulator>,
    database: DatabaseServer,
    /// Last, so that nobody uses the directory any more when it is let go.
    _data_dir: DataDir,
}

impl System {
    /// Starts everything and returns when all of it answers.
    pub async fn start(options: SystemOptions) -> Result<Self, StartError> {
        let data_dir = match &options.data_dir {
            Some(path) => DataDir::open(path, options.reset)?,
            None => DataDir::throw_away(&std::env::temp_dir())?,
        };
        let secrets = Secrets::load_or_create(data_dir.path())?;
        let listeners = Listeners::bind(&options).await?;
        let api = url_of(listeners.functions.as_ref(), options.functions_elsewhere.as_ref())?;
        let dynamodb = url_of(Some(&listeners.dynamodb), None)?;
        let simulator_url = url_of(listeners.simulator.as_ref(), options.hid_origo.as_ref())?;

        let clock = options.clock.clone().ahead(options.ahead);
        let (database, stream) = Database::start(&data_dir.join("dynamodb.sqlite"), listeners.dynamodb)?.split();
        let account = account(&options, &data_dir);
        let simulator = match listeners.simulator {
            Some(listener) => Some(Simulator::start(listener, account.clone()).await?),
            None => None,
        };
        let table = options.table_behind.as_ref().map_or(dynamodb.as_str(), Url::as_str);
        let environment = Environment::new(
            table,
            &HidOrigo {
                base_url: &simulator_url,
                account: &account,
                trusts_callbacks: options.trusts_callbacks,
            },
            options.connector.as_ref(),
            &secrets,
            &options.more_webhook_secrets,
        );
        let read = |name: &str| environment.get(name);
        let settings = Settings::of(&read);
        environment.write(&data_dir.join(ENVIRONMENT_FILE))?;
        let store = Store::new(connect(&settings.table_address()?)?, settings.table()?).with_clock(clock.clone());
        seed::plant(&store, hash_api_key(&secrets.api_key), clock.now()).await?;
        if options.connector.is_some() {
            seed::plant_bridged(&store, clock.now()).await?;
        }

        let reconciler = Reconciler::new(
            store.clone(),
            clock.clone(),
            settings.credential_managers()?.here()?,
            settings.access_control_systems()?.here()?,
        )?;
        let client = loopback_client(FUNCTION_TIMEOUT)?;
        let functions = match listeners.functions {
            Some(listener) => Some(serve_functions(listener, &settings, &store, &clock)?),
            None => None,
        };
        let woken = if let Some(emulator) = &options.functions_elsewhere {
            Woken::elsewhere(&client, emulator)
        } else {
            let sender = Sender::new(store.clone(), clock.clone(), settings.webhook_targets()?)?;
            Woken::here(store, &clock, reconciler.clone(), sender)
        };
        let callback = callback_of(&api, &secrets);
        let registration = register_callback(reconciler, callback).await;
        let registration = registration.map_err(|error| StartError::Callback {
            url: simulator_url.clone(),
            error,
        })?;
        let pump = start_pump(stream, (woken.issuer, woken.sender), &data_dir, &clock, &options)?;
        let sweeps = SweepSchedule::start(woken.sweeper, options.sweep_period);

        let own_servers = [
            functions.as_ref().map(|_| &api),
            Some(&dynamodb),
            simulator.as_ref().map(|_| &simulator_url),
        ];
        for url in own_servers.into_iter().flatten() {
            check(&client, url).await?;
        }
        let ready = Ready {
            api,
            dynamodb,
            simulator: simulator_url,
            api_key: secrets.api_key,
            webhook_secret: secrets.webhook_secret,
            data_dir: data_dir.path().display().to_string(),
        };
        Ok(Self {
            ready,
            functions,
            _sweeps: sweeps,
            _registration: registration,
            pump,
            simulator,
            database,
            _data_dir: data_dir,
        })
    }

    /// Where everything is.
    #[must_use]
    pub const fn ready(&self) -> &Ready {
        &self.ready
    }

    /// Stops taking work, lets what has begun come to its end for a second or so, and lets go of the data directory.
    pub async fn stop(self) {
        if let Some(functions) = self.functions {
            functions.stop().await;
        }
        self.pump.stop().await;
        if let Some(simulator) = self.simulator {
            simulator.stop().await;
        }
        self.database.stop().await;
    }
}

/// The ports, taken before anything is begun: a port in use is what goes wrong most often.
struct Listeners {
    functions: Option<TcpListener>,
    dynamodb: TcpListener,
    simulator: Option<TcpListener>,
}

impl Listeners {
    async fn bind(options: &SystemOptions) -> Result<Self, StartError> {
        Ok(Self {
            functions: match options.functions_elsewhere {
                Some(_) => None,
                None => Some(listen("--port", options.port).await?),
            },
            dynamodb: listen("--dynamodb-port", options.dynamodb_port).await?,
            simulator: match options.hid_origo {
                Some(_) => None,
                None => Some(listen("--simulator-port", options.simulator_port).await?),
            },
        })
    }
}

async fn listen(option: &'static str, port: u16) -> Result<TcpListener, StartError> {
    TcpListener::bind(("127.0.0.1", port))
        .await
        .map_err(|error| StartError::Port { option, port, error })
}

/// The base URL of what we serve ourselves, or of what serves elsewhere in its place.
fn url_of(listener: Option<&TcpListener>, elsewhere: Option<&Url>) -> io::Result<String> {
    match listener {
        Some(listener) => Ok(format!("http://{}", listener.local_addr()?)),
        None => Ok(elsewhere
            .map(|url| url.as_str().trim_end_matches('/').to_owned())
            .unwrap_or_default()),
    }
}

/// The organization at HID Origo, with the one pool that the preloaded records name.
fn account(options: &SystemOptions, data_dir: &DataDir) -> Simulated {
    let pool = PartNumber {
        part_number: seed::PART_NUMBER.to_owned(),
        facility_code: Some(seed::FACILITY_CODE.to_owned()),
        format_number: Some(seed::CARD_FORMAT.to_owned()),
        ..PartNumber::default()
    };
    let more = options.more_part_numbers.iter().map(|name| PartNumber {
        part_number: name.clone(),
        ..PartNumber::default()
    });
    Simulated {
        data_file: Some(data_dir.join("hid-origo.sqlite")),
        calls_per_5_minutes: options.hid_rate_limit,
        part_numbers: std::iter::once(pool).chain(more).collect(),
        fetch_delay: options.fetch_delay,
        ahead: options.ahead,
        ..Simulated::default()
    }
}

fn serve_functions(listener: TcpListener, settings: &Settings<'_>, store: &Store, clock: &Clock) -> Result<FunctionsServer, ConfigError> {
    let webhooks = phone_webhook::State {
        store: store.clone(),
        clock: clock.clone(),
        keys: Cached::fixed(settings.phone_webhook_keys()?.here()?),
        callbacks: Cached::fixed(settings.hid_origo_callbacks()?.here()?),
        telemetry: Telemetry::nowhere(),
    };
    let api = api::router(api::State {
        store: store.clone(),
        clock: clock.clone(),
        webhook_targets: settings.webhook_targets()?,
    });
    Ok(FunctionsServer::start(listener, webhooks, api))
}

/// Where the credential manager is to call back, and how it shows that it is the one.
fn callback_of(api: &str, secrets: &Secrets) -> Callback {
    Callback {
        url: format!("{api}/webhooks/hid-origo/{}", seed::CREDENTIAL_MANAGER),
        header: CALLBACK_HEADER.to_owned(),
        secret: Secret::new(&secrets.callback_secret),
    }
}

/// Tells the credential manager where to call back, as a deployment does.
///
/// Calls may be scarce at a restart. That is no reason not to start: phones are found by polling meanwhile. So it is then tried
/// again in the background.
async fn register_callback(reconciler: Reconciler, callback: Callback) -> Result<Option<Task<()>>, CallError> {
    match reconciler.ensure_callback(seed::CREDENTIAL_MANAGER, &callback).await {
        Ok(()) => Ok(None),
        Err(CallError::BudgetSpent { .. } | CallError::RateLimited { .. } | CallError::UnknownOutcome(_)) => {
            Ok(Some(Task::spawn(async move {
                loop {
                    tokio::time::sleep(CALLBACK_RETRY).await;
                    match reconciler.ensure_callback(seed::CREDENTIAL_MANAGER, &callback).await {
                        Ok(()) => break,
                        Err(error) => tracing::warn!(%error, "the callback is not registered yet; it is tried again"),
                    }
                }
            })))
        }
        Err(error) => Err(error),
    }
}

fn start_pump(
    stream: Stream,
    (issuer, sender): (StreamFunction, StreamFunction),
    data_dir: &DataDir,
    clock: &Clock,
    options: &SystemOptions,
) -> io::Result<StreamPump> {
    let arn = stream.arn();
    let queue = data_dir.join("on-failure-queue.jsonl");
    let queue = OnFailureQueue::new(queue, arn.clone(), stream.shard().to_owned(), clock.clone());
    let delivery = |name, function| Delivery {
        name,
        function: Arc::new(function),
        queue: queue.clone(),
        retry: Retry::default(),
    };
    StreamPump::start(Parts {
        checkpoint: CheckpointFile::new(data_dir.join("stream-checkpoint.json"), arn),
        to_issuer: delivery(ISSUER, issuer),
        to_sender: delivery(SENDER, sender),
        activity: ActivityLog::new(options.activity.clone(), clock.clone()),
        parallelization_factor: options.parallelization_factor,
        stream,
    })
}

/// Any answer will do.
async fn check(client: &Client, url: &str) -> Result<(), StartError> {
    let asked = client.get(url).timeout(Duration::from_secs(5)).send().await;
    asked.map(drop).map_err(|error| StartError::Silent {
        url: url.to_owned(),
        error: error.without_url(),
    })
}
