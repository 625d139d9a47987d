//! A port for a program that is yet to start: from now until it listens there, nobody else is given it.
//!
//! A port that was looked up and let go is soon another's where many start at once, and then the other answers in the program's name.

use std::net::SocketAddr;

use tokio::net::TcpSocket;

/// A port of this machine, held until this is dropped. A program that listens as servers do, with `SO_REUSEADDR`, can have it meanwhile:
/// what holds it does not listen, and so a connection is refused until the program is there.
#[derive(Debug)]
pub struct HeldPort {
    /// Bound, and never listening: the system gives such a port to nobody who asks for any.
    _socket: TcpSocket,
    number: u16,
}

impl HeldPort {
    /// Takes one that is free.
    ///
    /// # Errors
    ///
    /// There is none, or this machine has no 127.0.0.1.
    pub fn take() -> std::io::Result<Self> {
        let socket = TcpSocket::new_v4()?;
        socket.set_reuseaddr(true)?;
        socket.bind(SocketAddr::from(([127, 0, 0, 1], 0)))?;
        let number = socket.local_addr()?.port();
        Ok(Self { _socket: socket, number })
    }

    /// Its number.
    #[must_use]
    pub fn number(&self) -> u16 {
        self.number
    }
}

#[cfg(test)]
mod tests {
    use std::{io::ErrorKind, net::TcpListener};

    use tokio::net::TcpStream;

    use super::*;

    /// Some seven times as many as there are ports to give.
    const OTHERS: usize = 200_000;

    #[tokio::test]
    async fn a_held_port_is_given_to_nobody_else_and_the_program_it_is_held_for_can_listen_there() {
        let held = HeldPort::take().unwrap();
        let port = held.number();
        for _ in 0..OTHERS {
            let other = TcpListener::bind("127.0.0.1:0").unwrap();
            assert_ne!(other.local_addr().unwrap().port(), port);
        }

        let refused = TcpStream::connect(("127.0.0.1", port)).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
        let listener = TcpListener::bind(("127.0.0.1", port)).unwrap();
        TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        assert_eq!(listener.local_addr().unwrap().port(), port);
    }
}
