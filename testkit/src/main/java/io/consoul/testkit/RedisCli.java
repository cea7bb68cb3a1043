package io.consoul.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;

/** Asks a Redis on loopback one thing over a connection of its own, as redis-cli would; so a test sees what is really there. */
final class RedisCli {

  private static final int TIME_OUT_MILLIS = 30_000;

  /**
   * @param password or null
   * @return a String, Long, null, or List of these
   * @throws AssertionError with the error that Redis replied
   */
  static Object ask(int port, String password, String... command) {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(TIME_OUT_MILLIS);
      InputStream in = new BufferedInputStream(socket.getInputStream());
      if (password != null) {
        socket.getOutputStream().write(encoded("AUTH", password));
        read(in);
      }
      socket.getOutputStream().write(encoded(command));
      return read(in);
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  private static byte[] encoded(String... command) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.write(("*" + command.length + "\r\n").getBytes(UTF_8));
    for (String word : command) {
      byte[] encoded = word.getBytes(UTF_8);
      bytes.write(("$" + encoded.length + "\r\n").getBytes(UTF_8));
      bytes.write(encoded);
      bytes.write("\r\n".getBytes(UTF_8));
    }
    return bytes.toByteArray();
  }

  private static Object read(InputStream in) throws IOException {
    String line = line(in);
    String rest = line.substring(1);
    return switch (line.charAt(0)) {
      case '+' -> rest;
      case '-' -> throw new AssertionError("Redis replied: " + rest);
      case ':' -> Long.valueOf(rest);
      case '$' -> text(in, Integer.parseInt(rest));
      case '*' -> list(in, Integer.parseInt(rest));
      default -> throw new AssertionError("not a reply of Redis: " + line);
    };
  }

  private static String text(InputStream in, int length) throws IOException {
    if (length < 0) {
      return null;
    }
    byte[] bytes = in.readNBytes(length);
    line(in);
    return new String(bytes, UTF_8);
  }

  private static List<Object> list(InputStream in, int size) throws IOException {
    List<Object> items = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      items.add(read(in));
    }
    return items;
  }

  private static String line(InputStream in) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int each = in.read(); each != '\n'; each = in.read()) {
      if (each < 0) {
        throw new EOFException("Redis closed the connection");
      }
      if (each != '\r') {
        bytes.write(each);
      }
    }
    return bytes.toString(UTF_8);
  }

  private RedisCli() {}
}
