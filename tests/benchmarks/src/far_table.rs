//! The table at the end of a long way: what goes there and what comes back is later by a part of it.

use std::{
    io::{Read as _, Write as _},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream, ToSocketAddrs as _},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use crate::table::Table;

/// Its address there. `way`: how long it takes there and back. It ends with the process.
pub(crate) fn at(table: &Table, way: Duration) -> Result<String, String> {
    let near = table.url.trim_start_matches("https://").to_socket_addrs();
    let near: Vec<_> = near.map_err(|error| error.to_string())?.filter(SocketAddr::is_ipv4).collect();
    let listener = TcpListener::bind("127.0.0.1:0").map_err(|error| error.to_string())?;
    let port = listener.local_addr().map_err(|error| error.to_string())?.port();
    thread::spawn(move || {
        for connection in listener.incoming().flatten() {
            // To open a connection takes once there and back; the kernel of this machine opens it at once.
            let opened = Instant::now() + way;
            let Ok(behind) = TcpStream::connect(&near[..]) else { continue };
            let (Ok(back), Ok(from_behind)) = (connection.try_clone(), behind.try_clone()) else {
                continue;
            };
            carry(connection, behind, opened, way / 2);
            carry(from_behind, back, opened, way / 2);
        }
    });
    Ok(format!("https://localhost:{port}"))
}

/// Carries on what comes, each piece so much later, and none before the connection is open.
fn carry(mut from: TcpStream, mut to: TcpStream, opened: Instant, later: Duration) {
    let (on_its_way, pieces) = mpsc::channel::<(Instant, Vec<u8>)>();
    // Neither direction waits for the other's acknowledgements.
    let _ = to.set_nodelay(true);
    thread::spawn(move || {
        let mut piece = vec![0; 16 * 1024];
        while let Ok(length @ 1..) = from.read(&mut piece) {
            let due = Instant::now().max(opened) + later;
            if on_its_way.send((due, piece[..length].to_vec())).is_err() {
                return;
            }
        }
    });
    thread::spawn(move || {
        for (due, piece) in pieces {
            thread::sleep(due.saturating_duration_since(Instant::now()));
            if to.write_all(&piece).is_err() {
                return;
            }
        }
        let _ = to.shutdown(Shutdown::Write);
    });
}
