package io.consoul.gateway;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * Sends requests over one connection as long as the server keeps it, and another when it has said that it closes. What it
 * sends may be wrong; what it gets must be HTTP and come in time.
 */
final class FuzzConnection implements Closeable {

  private static final int TIMEOUT_MILLIS = 15_000;

  /** @param headers by their names in lower case */
  record Answer(int status, Map<String, String> headers, String body) {}

  private final int port;
  private Socket socket;
  private InputStream in;

  FuzzConnection(int port) {
    this.port = port;
  }

  /**
   * @throws AssertionError where no answer comes, or none that is HTTP
   */
  Answer exchange(boolean head, byte[]... pieces) {
    try {
      open();
      for (byte[] piece : pieces) {
        socket.getOutputStream().write(piece);
        socket.getOutputStream().flush();
      }
      Answer answer = read(head);
      if (answer.headers().getOrDefault("connection", "").equalsIgnoreCase("close")) {
        if (in.read() >= 0) {
          throw new AssertionError("more comes after the last answer");
        }
        close();
      }
      return answer;
    } catch (IOException failed) {
      throw new AssertionError("no whole answer: " + failed, failed);
    }
  }

  private void open() throws IOException {
    if (socket == null) {
      socket = new Socket(InetAddress.getLoopbackAddress(), port);
      socket.setSoTimeout(TIMEOUT_MILLIS);
      socket.setTcpNoDelay(true);
      in = new BufferedInputStream(socket.getInputStream());
    }
  }

  private Answer read(boolean head) throws IOException {
    String[] status = line().split(" ", 3);
    Map<String, String> headers = new HashMap<>();
    for (String line = line(); !line.isEmpty(); line = line()) {
      int colon = line.indexOf(':');
      headers.put(
          line.substring(0, colon).toLowerCase(), line.substring(colon + 1).strip());
    }
    int code = Integer.parseInt(status[1]);
    if (code == 100) {
      return read(head);
    }
    boolean empty = head || code == 204 || code == 304;
    String body = empty ? "" : new String(body(headers), StandardCharsets.UTF_8);
    return new Answer(code, headers, body);
  }

  private byte[] body(Map<String, String> headers) throws IOException {
    if (!headers.containsKey("transfer-encoding")) {
      return exactly(Integer.parseInt(headers.get("content-length")));
    }
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    for (int size = chunk(); size > 0; size = chunk()) {
      body.writeBytes(exactly(size));
      line();
    }
    line();
    return body.toByteArray();
  }

  private int chunk() throws IOException {
    return Integer.parseInt(line(), 16);
  }

  private byte[] exactly(int length) throws IOException {
    byte[] bytes = in.readNBytes(length);
    if (bytes.length < length) {
      throw new EOFException("the body breaks off");
    }
    return bytes;
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder();
    for (int next = in.read(); next != '\n'; next = in.read()) {
      if (next < 0) {
        throw new EOFException("closed after: " + line);
      }
      line.append((char) next);
    }
    return line.substring(0, line.length() - 1);
  }

  @Override
  public void close() {
    try {
      if (socket != null) {
        socket.close();
        socket = null;
      }
    } catch (IOException failed) {
      throw new AssertionError(failed);
    }
  }
}
