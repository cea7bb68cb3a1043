package io.consoul.gateway;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;

/** A client that says on the wire what no library would, and reads only when told to. */
final class RawClient implements Closeable {

  /** What a close frame without a status counts as. */
  static final int NO_CODE = 1005;

  private record Frame(int opcode, byte[] payload) {}

  private static final int TIMEOUT_MILLIS = 15_000;

  private final Socket socket = new Socket();

  RawClient(int port) {
    try {
      socket.setReceiveBufferSize(16 * 1024);
      socket.setSoTimeout(TIMEOUT_MILLIS);
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), TIMEOUT_MILLIS);
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  RawClient send(String text) {
    return send(text.getBytes(StandardCharsets.UTF_8));
  }

  RawClient send(byte[] bytes) {
    try {
      socket.getOutputStream().write(bytes);
      socket.getOutputStream().flush();
      return this;
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  /** Upgrades to a WebSocket. */
  RawClient upgrade(String path) {
    return upgrade(path, "");
  }

  /** @param headers further lines of the request, each with its end */
  RawClient upgrade(String path, String headers) {
    return upgrade(path, headers, new byte[0]);
  }

  /** Upgrades to a WebSocket and says its first message in the same breath. */
  RawClient upgradeSaying(String path, String text) {
    return upgrade(path, "", framed(0x81, text.getBytes(StandardCharsets.UTF_8)));
  }

  private RawClient upgrade(String path, String headers, byte[] first) {
    byte[] request = ("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
            + "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            + "Sec-WebSocket-Version: 13\r\n" + headers + "\r\n")
        .getBytes(StandardCharsets.UTF_8);
    byte[] all = Arrays.copyOf(request, request.length + first.length);
    System.arraycopy(first, 0, all, request.length, first.length);
    send(all);
    String head = head();
    if (!head.startsWith("HTTP/1.1 101")) {
      throw new AssertionError(head);
    }
    return this;
  }

  /** Sends one masked frame; the first byte is FIN, reserved bits and opcode. */
  RawClient frame(int firstByte, byte[] payload) {
    return send(framed(firstByte, payload));
  }

  private static byte[] framed(int firstByte, byte[] payload) {
    ByteBuffer frame = ByteBuffer.allocate(payload.length + 14).put((byte) firstByte);
    if (payload.length < 126) {
      frame.put((byte) (0x80 | payload.length));
    } else if (payload.length < 65_536) {
      frame.put((byte) (0x80 | 126)).putShort((short) payload.length);
    } else {
      frame.put((byte) (0x80 | 127)).putLong(payload.length);
    }
    frame.putInt(0).put(payload);
    byte[] bytes = new byte[frame.position()];
    frame.flip().get(bytes);
    return bytes;
  }

  /** Says that it has sent its last byte, and goes on reading. */
  RawClient endOutput() {
    try {
      socket.shutdownOutput();
      return this;
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  RawClient text(String text) {
    return frame(0x81, text.getBytes(StandardCharsets.UTF_8));
  }

  /** The status of the next close frame; other frames before it are passed over. */
  int closeCode() {
    while (true) {
      Frame frame = frame();
      if (frame.opcode() == 8) {
        return frame.payload().length == 0
            ? NO_CODE
            : ByteBuffer.wrap(frame.payload()).getShort();
      }
    }
  }

  /** The next message; it must be that, and not a close frame. */
  String message() {
    Frame frame = frame();
    if (frame.opcode() != 1) {
      throw new AssertionError("expected a message, got a frame of opcode " + frame.opcode());
    }
    return new String(frame.payload(), StandardCharsets.UTF_8);
  }

  private Frame frame() {
    try {
      DataInputStream in = new DataInputStream(socket.getInputStream());
      int opcode = in.readUnsignedByte() & 0x0F;
      int length = in.readUnsignedByte() & 0x7F;
      long size = length == 126 ? in.readUnsignedShort() : length == 127 ? in.readLong() : length;
      return new Frame(opcode, in.readNBytes((int) size));
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  /** Status line and headers of the next answer. */
  String head() {
    StringBuilder head = new StringBuilder();
    try {
      while (head.indexOf("\r\n\r\n") < 0) {
        int next = socket.getInputStream().read();
        if (next < 0) {
          break;
        }
        head.append((char) next);
      }
      return head.toString();
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  /** One answer with a Content-Length: head and body. */
  String answer() {
    String head = head();
    int length = head.lines()
        .filter(line -> line.toLowerCase().startsWith("content-length:"))
        .mapToInt(line -> Integer.parseInt(line.substring(15).strip()))
        .findFirst()
        .orElse(0);
    return head + read(length);
  }

  String read(int bytes) {
    try {
      return new String(socket.getInputStream().readNBytes(bytes), StandardCharsets.UTF_8);
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  /** What is there of so many bytes, after a pause. */
  String read(int atMost, Duration pause) {
    try {
      Thread.sleep(pause.toMillis());
      byte[] bytes = new byte[atMost];
      int count = socket.getInputStream().read(bytes);
      if (count < 0) {
        throw new AssertionError("the connection was closed");
      }
      return new String(bytes, 0, count, StandardCharsets.ISO_8859_1);
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new AssertionError(interrupted);
    }
  }

  /** All that comes until the server closes; a reset counts as that. */
  byte[] readToEnd() {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    try {
      socket.getInputStream().transferTo(all);
    } catch (java.net.SocketTimeoutException open) {
      throw new AssertionError("the connection is still open", open);
    } catch (IOException reset) {
      // what came before it counts
    }
    return all.toByteArray();
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }
}
