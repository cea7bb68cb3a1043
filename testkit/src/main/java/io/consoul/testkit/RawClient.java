package io.consoul.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Arrays;

/** HTTP/1.1 by hand over a plain socket, for requests that no proper client would send: halves, oddities, never reading. */
public final class RawClient implements AutoCloseable {

  private static final int LIMIT_MILLIS = 60_000;

  private final Socket socket;
  private final InputStream in;

  private RawClient(Socket socket) throws IOException {
    this.socket = socket;
    this.in = new BufferedInputStream(socket.getInputStream());
  }

  public static RawClient connect(int port) {
    return connect(port, 0);
  }

  /** With a small receive buffer a client that does not read is soon felt by the server; 0 leaves it to the system. */
  public static RawClient connect(int port, int receiveBufferBytes) {
    Socket socket = new Socket();
    try {
      if (receiveBufferBytes > 0) {
        socket.setReceiveBufferSize(receiveBufferBytes);
      }
      socket.setTcpNoDelay(true);
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), LIMIT_MILLIS);
      socket.setSoTimeout(LIMIT_MILLIS);
      return new RawClient(socket);
    } catch (IOException refused) {
      throw new UncheckedIOException(refused);
    }
  }

  /** The limit of each read; 60 s without it. */
  public RawClient limit(Duration limit) {
    return doing(() -> socket.setSoTimeout((int) limit.toMillis()));
  }

  /** Sends the text as it is; in a text block the lines of a head still need their CR. */
  public RawClient send(String text) {
    return send(text.getBytes(UTF_8));
  }

  public RawClient send(byte[] bytes) {
    return doing(() -> {
      socket.getOutputStream().write(bytes);
      socket.getOutputStream().flush();
    });
  }

  /** Sends a whole POST of JSON; more header lines end with CR LF each. */
  public RawClient post(String path, String body, String... headerLines) {
    return send("POST " + path
        + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: "
        + body.getBytes(UTF_8).length + "\r\n" + String.join("", headerLines) + "\r\n" + body);
  }

  public RawClient get(String path, String... headerLines) {
    return send(
        "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n" + String.join("", headerLines) + "\r\n");
  }

  /** The next response, read to the end of its body as its head says. */
  public HttpAnswer answer() {
    return reading(() -> {
      String[] lines = head().split("\r\n");
      MultiMap headers = MultiMap.caseInsensitiveMultiMap();
      for (int line = 1; line < lines.length; line++) {
        String[] field = lines[line].split(":", 2);
        headers.add(field[0], field[1].strip());
      }
      int status = Integer.parseInt(lines[0].split(" ")[1]);
      return new HttpAnswer(status, headers, body(status, headers));
    });
  }

  /** The next response head as it stands on the wire, with the empty line. */
  public String readHead() {
    return reading(this::head);
  }

  /** The next bytes; there must be so many. */
  public byte[] read(int count) {
    return reading(() -> exactly(count));
  }

  /** Reads on until this text has come, and returns all that was read. */
  public String awaitText(String text) {
    return reading(() -> upTo(text));
  }

  /**
   * All until the server closes the connection, orderly or by a reset.
   *
   * @throws AssertionError with what has come, if it does not close in time
   */
  public String readUntilClosed() {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    try {
      for (int one = in.read(); one >= 0; one = in.read()) {
        all.write(one);
      }
    } catch (SocketTimeoutException open) {
      throw new AssertionError("still open; received: " + all.toString(UTF_8), open);
    } catch (SocketException reset) {
      return all.toString(UTF_8);
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
    return all.toString(UTF_8);
  }

  /** Closes as a process that dies does: with a reset, nothing of what waits is sent. */
  public void reset() {
    doing(() -> socket.setSoLinger(true, 0));
    close();
  }

  @Override
  public void close() {
    doing(socket::close);
  }

  private String head() throws IOException {
    return upTo("\r\n\r\n");
  }

  /** Reads a byte at a time, so that nothing behind the text is taken. */
  private String upTo(String text) throws IOException {
    byte[] wanted = text.getBytes(UTF_8);
    byte[] read = new byte[1024];
    int length = 0;
    while (length < wanted.length
        || !Arrays.equals(read, length - wanted.length, length, wanted, 0, wanted.length)) {
      read = length == read.length ? Arrays.copyOf(read, 2 * length) : read;
      read[length++] = (byte) byteOrFail();
    }
    return new String(read, 0, length, UTF_8);
  }

  private Buffer body(int status, MultiMap headers) throws IOException {
    if (status == 204 || status == 304 || status < 200) {
      return Buffer.buffer();
    }
    if (headers.contains("Content-Length")) {
      return Buffer.buffer(exactly(Integer.parseInt(headers.get("Content-Length"))));
    }
    if (headers.contains("Transfer-Encoding", "chunked", true)) {
      Buffer body = Buffer.buffer();
      for (int size = chunkSize(); size > 0; size = chunkSize()) {
        body.appendBytes(exactly(size));
        exactly(2);
      }
      exactly(2);
      return body;
    }
    return Buffer.buffer(in.readAllBytes());
  }

  private int chunkSize() throws IOException {
    StringBuilder line = new StringBuilder();
    for (int one = byteOrFail(); one != '\n'; one = byteOrFail()) {
      line.append((char) one);
    }
    return Integer.parseInt(line.toString().strip().split(";")[0], 16);
  }

  private byte[] exactly(int count) throws IOException {
    byte[] bytes = in.readNBytes(count);
    if (bytes.length < count) {
      throw new EOFException("closed after " + bytes.length + " of " + count + " bytes");
    }
    return bytes;
  }

  private int byteOrFail() throws IOException {
    int one = in.read();
    if (one < 0) {
      throw new EOFException("closed by the server");
    }
    return one;
  }

  private interface Action {
    void run() throws IOException;
  }

  private interface Reading<T> {
    T run() throws IOException;
  }

  private RawClient doing(Action action) {
    try {
      action.run();
      return this;
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  private static <T> T reading(Reading<T> reading) {
    try {
      return reading.run();
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }
}
