//! What the other end of a connection cannot do.

use std::time::Instant;

use axum::routing::get;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::*;

const LARGE: usize = 10 * 1024 * 1024;

/// Serves large answers; what is handed back ends when the last connection has.
async fn serve(
    stall: Duration,
    stop: CancellationToken,
) -> (SocketAddr, tokio::task::JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let connections = Connections {
        protocol: protocol(),
        places: Places::new(0, 0, Networks::default()),
        idle: Duration::from_mins(1),
        stall,
        refused: <[Counter; 2]>::default(),
    };
    let router = Router::new().route("/", get(|| async { vec![b'x'; LARGE] }));
    (
        address,
        tokio::spawn(connections.serve(listener, router, stop)),
    )
}

/// A frame of HTTP/2 (RFC 9113, section 4.1).
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let head = [&length[1..], &[kind, flags], &stream.to_be_bytes()];
    [&head.concat(), payload].concat()
}

/// Asks for `/` so often over HTTP/2, and lets no more than `window` bytes of each answer come.
async fn ask(address: SocketAddr, window: u32, streams: u32) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let mut bytes = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
    let setting = [&[0, 4][..], &window.to_be_bytes()].concat();
    bytes.extend(frame(4, 0, 0, &setting));
    // `:method: GET`, `:scheme: http`, `:path: /` of HPACK's static table, and an `:authority`.
    let head = [0x82, 0x86, 0x84, 0x01, 0x01, b'x'];
    for number in 0..streams {
        bytes.extend(frame(1, 5, 2 * number + 1, &head));
    }
    stream.write_all(&bytes).await.unwrap();
    stream
}

/// Answers whether the other end is there until it closes.
async fn until_closed(mut stream: TcpStream) -> Duration {
    let began = Instant::now();
    let mut head = [0; 9];
    while stream.read_exact(&mut head).await.is_ok() {
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
        let mut payload = vec![0; usize::try_from(length).unwrap()];
        if stream.read_exact(&mut payload).await.is_err() {
            break;
        }
        if matches!(head[3], 4 | 6) && head[4] & 1 == 0 {
            let payload: &[u8] = if head[3] == 6 { &payload } else { &[] };
            let _ = stream.write_all(&frame(head[3], 1, 0, payload)).await;
        }
    }
    began.elapsed()
}

#[rstest::rstest]
#[tokio::test]
async fn who_takes_nothing_of_an_answer_is_closed(#[values(0, 1)] window: u32) {
    let (address, serving) = serve(Duration::from_millis(500), CancellationToken::new()).await;
    let closing = until_closed(ask(address, window, 3).await);
    let took = tokio::time::timeout(Duration::from_secs(20), closing).await;
    assert!(took.is_ok_and(|took| took >= Duration::from_millis(500)));
    serving.abort();
}

#[tokio::test]
async fn who_takes_nothing_does_not_hold_up_the_end() {
    let stop = CancellationToken::new();
    let (address, serving) = serve(STALL, stop.clone()).await;
    let closing = tokio::spawn(until_closed(ask(address, 0, 3).await));
    tokio::time::sleep(Duration::from_millis(200)).await;
    stop.cancel();
    let ended = tokio::time::timeout(STALL_AT_END * 2, serving).await;
    assert!(ended.is_ok(), "it waits");
    closing.await.unwrap();
}

#[tokio::test]
async fn a_large_answer_arrives_whole() {
    let (address, serving) = serve(STALL, CancellationToken::new()).await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    stream.write_all(request).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let text = String::from_utf8(answer).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    assert!(head.contains(&format!("content-length: {LARGE}")), "{head}");
    assert_eq!(body.len(), LARGE);
    serving.abort();
}
