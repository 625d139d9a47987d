//! The table: the embedded DynamoDB with one person in it, behind TLS as AWS's is.

use std::{path::PathBuf, process::Command, sync::Arc};

use dynoxide::Database;
use fobless::{
    api_key::hash_api_key,
    aws::AwsAddress,
    domain::{ids::UserIdentityId, ids::WorkspaceId, time::Timestamp, user_identity::UserIdentity},
    store::{ApiKey, DEFINITION, Store, connect},
};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose};
use rustls::{
    ServerConfig,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};
use serde_json::json;
use tempfile::TempDir;
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};
use tokio_rustls::TlsAcceptor;
use uuid::Uuid;

const LONG_AGO: Timestamp = Timestamp::from_millis(1_704_779_133_068);

/// The table's name.
pub(crate) const NAME: &str = "fobless-benchmark-of-functions";
/// The tenant.
pub(crate) const WORKSPACE: WorkspaceId = WorkspaceId::new(Uuid::from_u128(0x018d_0000_0000_7000_8000_0000_0000_0001));
/// Whose phones are registered.
pub(crate) const PERSON: UserIdentityId = UserIdentityId::new(Uuid::from_u128(0x018d_0000_0000_7000_8000_0000_0000_0002));

/// What opens the workspace for the API.
pub(crate) const API_KEY: &str = "seam_bench123_00000000000000000000000000000000";

/// The table and its server. It ends with it.
pub(crate) struct Table {
    /// Behind TLS.
    pub(crate) url: String,
    /// The root that the server's certificate leads to, as PEM.
    pub(crate) root: PathBuf,
    servers: [JoinHandle<()>; 2],
    _folder: TempDir,
}

impl Table {
    /// A new table.
    pub(crate) async fn start() -> Self {
        let database = Database::memory().expect("a database");
        let mut definition = DEFINITION.create_request(NAME);
        // Nobody reads its stream here, and the embedded DynamoDB looks at all that stands in it in each write.
        definition["StreamSpecification"] = json!({"StreamEnabled": false});
        database
            .create_table(serde_json::from_value(definition).expect("a request"))
            .expect("a table");
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let plain = listener.local_addr().expect("an address");
        let server = tokio::spawn(dynoxide::server::serve_on(listener, database));
        put_person(&format!("http://{plain}")).await;

        let folder = TempDir::new().expect("a folder");
        let root = folder.path().join("root.pem");
        let (acceptor, root_pem) = acceptor();
        std::fs::write(&root, root_pem).expect("a file");
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let front = tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                tokio::spawn(pass(acceptor.clone(), connection, plain));
            }
        });
        Self {
            url: format!("https://localhost:{port}"),
            root,
            servers: [server, front],
            _folder: folder,
        }
    }
}

impl Drop for Table {
    fn drop(&mut self) {
        self.servers.iter().for_each(JoinHandle::abort);
    }
}

async fn pass(acceptor: TlsAcceptor, connection: TcpStream, plain: std::net::SocketAddr) {
    // What the client does not trust or breaks off is its own affair: it is told by its own answers.
    let _ = connection.set_nodelay(true);
    let Ok(mut secured) = acceptor.accept(connection).await else {
        return;
    };
    let Ok(mut behind) = TcpStream::connect(plain).await else { return };
    let _ = behind.set_nodelay(true);
    let _ = copy_bidirectional(&mut secured, &mut behind).await;
}

/// A certificate for this machine with a chain as AWS's have it: three RSA keys of 2048 bits, of Amazon's root, of an authority below it
/// (`Amazon RSA 2048 M01` and the like) and of the endpoint. What the client verifies is a good part of a start's instructions.
fn acceptor() -> (TlsAcceptor, String) {
    let root = CertifiedIssuer::self_signed(authority("Benchmark Root"), rsa_key()).expect("a certificate");
    let between = CertifiedIssuer::signed_by(authority("Benchmark RSA 2048 M01"), rsa_key(), &root).expect("a certificate");
    let key = rsa_key();
    let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
    let certificate = CertificateParams::new(names).expect("parameters").signed_by(&key, &between);
    let chain = vec![certificate.expect("a certificate").der().clone(), between.der().clone()];
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let versions = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let config = versions.expect("versions").with_no_client_auth();
    let config = config.with_single_cert(chain, key).expect("a configuration");
    (TlsAcceptor::from(Arc::new(config)), root.pem())
}

fn authority(name: &str) -> CertificateParams {
    let mut authority = CertificateParams::new(Vec::new()).expect("parameters");
    // A certificate whose issuer has its own name is taken for a self-signed one by OpenSSL.
    authority.distinguished_name.push(DnType::CommonName, name);
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    authority
}

/// A new one from the command `openssl`: ring signs with RSA, but makes no such keys.
fn rsa_key() -> KeyPair {
    let made = Command::new("openssl")
        .args(["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"])
        .output()
        .expect("the command openssl");
    let key = String::from_utf8(made.stdout).expect("PEM");
    KeyPair::from_pem(&key).unwrap_or_else(|error| panic!("openssl made no key: {error}: {}", String::from_utf8_lossy(&made.stderr)))
}

async fn put_person(endpoint: &str) {
    let address = AwsAddress::stand_in(endpoint);
    let person = UserIdentity {
        workspace_id: WORKSPACE,
        user_identity_id: PERSON,
        user_identity_key: None,
        email_address: Some("jane@example.com".to_owned()),
        phone_number: None,
        full_name: Some("Jane Doe".to_owned()),
        created_at: LONG_AGO,
        deletion: None,
    };
    let store = Store::new(connect(&address).expect("a client"), NAME);
    store.insert(person).await.expect("a person");
    let key = ApiKey::new(hash_api_key(API_KEY), WORKSPACE, "benchmarks", LONG_AGO);
    store.insert(key).await.expect("an API key");
}
