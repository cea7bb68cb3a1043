package io.consoul.gateway;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Predicate;
import javax.net.ssl.SSLSocket;

/** An HTTP/2 client that sends the frames that it is told to, and reads only when told to. */
final class RawHttp2 implements Closeable {

  static final int DATA = 0;
  static final int HEADERS = 1;
  static final int RST_STREAM = 3;
  static final int SETTINGS = 4;
  static final int PING = 6;
  static final int GOAWAY = 7;
  static final int WINDOW_UPDATE = 8;
  static final int CONTINUATION = 9;
  static final int END_STREAM = 1;
  static final int END_HEADERS = 4;
  private static final String GREETING = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
  private static final int PRIORITY = 32;
  private static final int ACK = 1;

  /** What came over the wire. */
  record Frame(int type, int flags, int stream, byte[] payload) {

    boolean ends() {
      return (flags & END_STREAM) != 0;
    }

    /** Of RST_STREAM; of GOAWAY. */
    int errorCode() {
      return ByteBuffer.wrap(payload).getInt(type == GOAWAY ? 4 : 0);
    }

    String text() {
      return new String(payload, StandardCharsets.UTF_8);
    }

    @Override
    public String toString() {
      return "type " + type + " flags " + flags + " stream " + stream + " of " + payload.length;
    }
  }

  private final DefaultHttp2HeadersDecoder headers = new DefaultHttp2HeadersDecoder(false);
  private final SSLSocket socket;
  private final DataInputStream in;
  private final OutputStream out;

  private RawHttp2(SSLSocket socket) {
    this.socket = socket;
    try {
      this.in = new DataInputStream(socket.getInputStream());
      this.out = socket.getOutputStream();
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  /** Only TLS. */
  static RawHttp2 silent(int port) {
    return new RawHttp2(TestTls.socket(port, "h2"));
  }

  /** With greetings exchanged; the server may send so many bytes of each answer before it is let go on. */
  static RawHttp2 open(int port, int window) {
    RawHttp2 client = silent(port);
    client.write(GREETING.getBytes(StandardCharsets.US_ASCII));
    client.frame(
        SETTINGS,
        0,
        0,
        ByteBuffer.allocate(6).putShort((short) 4).putInt(window).array());
    client.frame(WINDOW_UPDATE, 0, 0, number(1 << 24));
    client.next(frame -> frame.type == SETTINGS);
    client.frame(SETTINGS, ACK, 0, new byte[0]);
    client.next(frame -> frame.type == SETTINGS && frame.flags == ACK);
    return client;
  }

  /** What a client begins with, byte by byte. */
  List<Byte> greeting() {
    return GREETING.chars().mapToObj(c -> (byte) c).toList();
  }

  /** Whether the server still took it. */
  boolean drop(byte one) {
    try {
      out.write(one);
      return true;
    } catch (IOException closed) {
      return false;
    }
  }

  String protocol() {
    return socket.getApplicationProtocol();
  }

  RawHttp2 get(int stream, String path) {
    return head(stream, END_HEADERS | END_STREAM, block("GET", path));
  }

  RawHttp2 post(int stream, String path, String body) {
    head(stream, END_HEADERS, block("POST", path, "content-type", "application/json"));
    return frame(DATA, END_STREAM, stream, body.getBytes(StandardCharsets.UTF_8));
  }

  RawHttp2 head(int stream, int flags, byte[] block) {
    return frame(HEADERS, flags, stream, block);
  }

  RawHttp2 reset(int stream) {
    return frame(RST_STREAM, 0, stream, number(8));
  }

  RawHttp2 frame(int type, int flags, int stream, byte[] payload) {
    ByteBuffer frame = ByteBuffer.allocate(9 + payload.length)
        .put((byte) (payload.length >> 16))
        .putShort((short) payload.length)
        .put((byte) type)
        .put((byte) flags)
        .putInt(stream)
        .put(payload);
    write(frame.array());
    return this;
  }

  /** The next frame that is like this; others are passed over. */
  Frame next(Predicate<Frame> like) {
    while (true) {
      Frame frame = next();
      if (frame == null) {
        throw new AssertionError("the connection was closed");
      }
      if (like.test(frame)) {
        return frame;
      }
    }
  }

  Frame next(int type, int stream) {
    return next(frame -> frame.type == type && frame.stream == stream);
  }

  Http2Headers headers(int stream) {
    return decoded(next(HEADERS, stream));
  }

  /** Of every HEADERS frame once, in their order. */
  Http2Headers decoded(Frame frame) {
    int priority = (frame.flags & PRIORITY) == 0 ? 0 : 5;
    try {
      return headers.decodeHeaders(
          frame.stream,
          Unpooled.wrappedBuffer(frame.payload, priority, frame.payload.length - priority));
    } catch (Http2Exception malformed) {
      throw new AssertionError(malformed);
    }
  }

  /** Null when the server has closed. */
  Frame next() {
    try {
      int first = in.readUnsignedShort();
      int length = first << 8 | in.readUnsignedByte();
      int type = in.readUnsignedByte();
      int flags = in.readUnsignedByte();
      int stream = in.readInt();
      return new Frame(type, flags, stream, in.readNBytes(length));
    } catch (EOFException closed) {
      return null;
    } catch (SocketTimeoutException open) {
      throw new AssertionError("the connection is still open, and says nothing", open);
    } catch (IOException reset) {
      return null;
    }
  }

  void untilClosed() {
    while (next() != null) {}
  }

  static byte[] number(int number) {
    return ByteBuffer.allocate(4).putInt(number).array();
  }

  /** Literal fields, none of them remembered or compressed. */
  static byte[] block(String method, String path, String... more) {
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    field(block, ":method", method);
    field(block, ":scheme", "https");
    field(block, ":authority", "localhost");
    field(block, ":path", path);
    for (int i = 0; i < more.length; i += 2) {
      field(block, more[i], more[i + 1]);
    }
    return block.toByteArray();
  }

  static void field(ByteArrayOutputStream block, String name, String value) {
    block.write(0);
    text(block, name);
    text(block, value);
  }

  private static void text(ByteArrayOutputStream block, String text) {
    if (text.length() < 127) {
      block.write(text.length());
    } else {
      block.write(127);
      int rest = text.length() - 127;
      for (; rest >= 128; rest >>= 7) {
        block.write(rest & 127 | 128);
      }
      block.write(rest);
    }
    block.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
  }

  private void write(byte[] bytes) {
    try {
      out.write(bytes);
      out.flush();
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
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
