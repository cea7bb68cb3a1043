package io.consoul.acceptance;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/** A great many WebSockets that say nothing, by one thread: all connect at once, and answer pings. */
final class IdleSockets implements AutoCloseable {

  private static final byte[] PONG = {(byte) 0x8A, (byte) 0x80, 0, 0, 0, 0};

  private final int port;
  private final Selector selector;
  private final List<SocketChannel> channels = new ArrayList<>();
  private final AtomicInteger open = new AtomicInteger();
  private final AtomicInteger pings = new AtomicInteger();
  private final AtomicInteger ended = new AtomicInteger();
  private final Thread thread = new Thread(this::run, "idle sockets");
  private volatile boolean closing;

  private IdleSockets(int port, int count) throws IOException {
    this.port = port;
    selector = Selector.open();
    for (int i = 0; i < count; i++) {
      SocketChannel channel = SocketChannel.open();
      channels.add(channel);
      channel.configureBlocking(false);
      channel.setOption(StandardSocketOptions.SO_RCVBUF, 4_096);
      channel.setOption(StandardSocketOptions.SO_LINGER, 0);
      channel.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      channel.register(selector, SelectionKey.OP_CONNECT, "/ws/chat/idle-" + i);
    }
    thread.setDaemon(true);
    thread.start();
  }

  /** Returns when all of them are WebSockets. */
  static IdleSockets open(int port, int count) {
    try {
      IdleSockets sockets = new IdleSockets(port, count);
      await()
          .atMost(Duration.ofSeconds(60))
          .pollInterval(Duration.ofMillis(10))
          .until(() -> sockets.open.get() + sockets.ended.get() == count);
      return sockets;
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  /** That became a WebSocket. */
  int opened() {
    return open.get();
  }

  int pings() {
    return pings.get();
  }

  /** All at once, and without a word. */
  @Override
  public void close() {
    closing = true;
    selector.wakeup();
    try {
      thread.join();
      for (SocketChannel channel : channels) {
        channel.close();
      }
      selector.close();
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    ByteBuffer buffer = ByteBuffer.allocate(4_096);
    try {
      while (!closing) {
        selector.select();
        Set<SelectionKey> keys = selector.selectedKeys();
        keys.forEach(key -> {
          try {
            ready(key, buffer.clear());
          } catch (IOException lost) {
            ended.incrementAndGet();
            key.cancel();
          }
        });
        keys.clear();
      }
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  private void ready(SelectionKey key, ByteBuffer buffer) throws IOException {
    SocketChannel channel = (SocketChannel) key.channel();
    if (key.isConnectable()) {
      channel.finishConnect();
      channel.write(ByteBuffer.wrap(handshake((String) key.attachment())));
      key.interestOps(SelectionKey.OP_READ);
      return;
    }
    int count = channel.read(buffer);
    if (count < 0) {
      throw new IOException("closed");
    }
    if (key.attachment() != null) {
      key.attach(null);
      if (!new String(buffer.array(), 0, count, US_ASCII).startsWith("HTTP/1.1 101")) {
        throw new IOException("refused");
      }
      open.incrementAndGet();
    } else if (buffer.get(0) == (byte) 0x89) {
      pings.incrementAndGet();
      channel.write(ByteBuffer.wrap(PONG));
    }
  }

  private byte[] handshake(String path) {
    return ("GET " + path + " HTTP/1.1\r\nHost: localhost:" + port
            + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nUser-Agent: idle\r\n\r\n")
        .getBytes(US_ASCII);
  }
}
