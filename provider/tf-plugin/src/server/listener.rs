//! Where Terraform connects: a Unix socket in a fresh folder of mode 0700, or TCP on 127.0.0.1 where there are none.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tempfile::TempDir;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::server::Connected;

use super::handshake::Handshake;

/// A connection that has not proven itself by then is dropped.
const TLS_TIMEOUT: Duration = Duration::from_secs(10);

/// Where a client connects, in go-plugin's words.
#[derive(Clone, Debug)]
pub(super) struct Address {
    pub(super) network: &'static str,
    pub(super) text: String,
}

/// An open socket.
pub(super) struct Listener {
    pub(super) address: Address,
    socket: Socket,
    folder: Option<TempDir>,
}

enum Socket {
    #[cfg(unix)]
    Unix(tokio::net::UnixListener),
    #[cfg_attr(unix, expect(dead_code, reason = "for systems without Unix sockets"))]
    Tcp(tokio::net::TcpListener),
}

/// Keeps the socket's folder; dropping it removes the folder.
pub(super) struct SocketFolder {
    _folder: Option<TempDir>,
}

impl Listener {
    #[cfg(unix)]
    pub(super) async fn open(handshake: Option<&Handshake>) -> io::Result<Self> {
        use std::fs::Permissions;
        use std::os::unix::fs::PermissionsExt;
        let mut builder = tempfile::Builder::new();
        builder.prefix("tf-plugin-").permissions(Permissions::from_mode(0o700));
        let folder = match handshake.and_then(|handshake| handshake.socket_folder.as_deref()) {
            Some(parent) => builder.tempdir_in(parent)?,
            None => builder.tempdir()?,
        };
        let path = folder.path().join("socket");
        let Some(text) = path.to_str().map(str::to_owned) else {
            return Err(io::Error::other("the path of the temporary folder is not UTF-8"));
        };
        let socket = Socket::Unix(tokio::net::UnixListener::bind(&path)?);
        Ok(Self { address: Address { network: "unix", text }, socket, folder: Some(folder) })
    }

    #[cfg(not(unix))]
    pub(super) async fn open(handshake: Option<&Handshake>) -> io::Result<Self> {
        let (lowest, highest) = handshake.map_or((0, 0), |handshake| handshake.ports);
        let mut last = io::Error::other("there is no port to choose from");
        for port in lowest..=highest {
            match tokio::net::TcpListener::bind(("127.0.0.1", port)).await {
                Ok(socket) => {
                    let text = socket.local_addr()?.to_string();
                    let address = Address { network: "tcp", text };
                    return Ok(Self { address, socket: Socket::Tcp(socket), folder: None });
                }
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    /// Accepts connections from now on; with TLS, only those that pass it come out.
    pub(super) fn accept(
        self,
        tls: Option<TlsAcceptor>,
    ) -> (ReceiverStream<io::Result<Connection>>, SocketFolder) {
        let (accepted, connections) = mpsc::channel(8);
        let Self { socket, folder, .. } = self;
        tokio::spawn(async move {
            loop {
                let stream: Box<dyn Stream> = match socket.accept().await {
                    Ok(stream) => stream,
                    // Out of file handles, say: wait for some to be closed.
                    Err(_) => {
                        tokio::time::sleep(Duration::from_millis(100)).await;
                        continue;
                    }
                };
                let accepted = accepted.clone();
                let tls = tls.clone();
                // In a task of its own: a client that hangs in the handshake holds up nobody.
                tokio::spawn(async move {
                    let stream: Box<dyn Stream> = match tls {
                        None => stream,
                        Some(tls) => match tokio::time::timeout(TLS_TIMEOUT, tls.accept(stream)).await {
                            Ok(Ok(stream)) => Box::new(stream),
                            _ => {
                                tracing::warn!(target: "tf_plugin", "a connection without Terraform's certificate was refused");
                                return;
                            }
                        },
                    };
                    // Fails only when the server has ended.
                    let _ = accepted.send(Ok(Connection(stream))).await;
                });
            }
        });
        (ReceiverStream::new(connections), SocketFolder { _folder: folder })
    }
}

impl Socket {
    async fn accept(&self) -> io::Result<Box<dyn Stream>> {
        match self {
            #[cfg(unix)]
            Self::Unix(listener) => Ok(Box::new(listener.accept().await?.0)),
            Self::Tcp(listener) => {
                let (stream, _) = listener.accept().await?;
                stream.set_nodelay(true)?;
                Ok(Box::new(stream))
            }
        }
    }
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// A client that was let in.
pub(super) struct Connection(Box<dyn Stream>);

impl Connected for Connection {
    type ConnectInfo = ();
    fn connect_info(&self) {}
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}
