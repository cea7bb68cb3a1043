package io.consoul.acceptance;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.consoul.testkit.RedisServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Counts the commands that clients send to a Redis, one round trip each; what scripts call is not among them. */
final class RedisMonitor implements AutoCloseable {

  private static final Pattern SENT = Pattern.compile("\\[\\d+ (?!lua)[^]]*] \"([^\"]+)\"");

  private final Socket socket;
  private final Map<String, Integer> counts = new ConcurrentHashMap<>();

  private RedisMonitor(Socket socket) {
    this.socket = socket;
  }

  static RedisMonitor of(RedisServer server) {
    try {
      Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
      socket.getOutputStream().write("MONITOR\r\n".getBytes(UTF_8));
      BufferedReader lines =
          new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8));
      lines.readLine();
      RedisMonitor monitor = new RedisMonitor(socket);
      Thread reader = new Thread(() -> monitor.read(lines), "monitor of Redis");
      reader.setDaemon(true);
      reader.start();
      return monitor;
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  /** Command, in small letters, to how often it came. */
  Map<String, Integer> sent() {
    return Map.copyOf(counts);
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  private void read(BufferedReader lines) {
    try {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        Matcher matcher = SENT.matcher(line);
        if (matcher.find()) {
          counts.merge(matcher.group(1).toLowerCase(Locale.ROOT), 1, Integer::sum);
        }
      }
    } catch (IOException closed) {
      // the count is over
    }
  }
}
