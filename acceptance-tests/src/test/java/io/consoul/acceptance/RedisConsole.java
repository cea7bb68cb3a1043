package io.consoul.acceptance;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.consoul.testkit.RedisServer;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What an operator would type at redis-cli: each command has a connection of its own and returns the reply as text. */
public final class RedisConsole {

  private static final int PATIENCE_MILLIS = 30_000;

  private final int port;

  public RedisConsole(RedisServer server) {
    this.port = server.port();
  }

  /** Arrays come as one element a line, null as an empty text, an error with its dash. */
  public String run(String... command) {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(PATIENCE_MILLIS);
      StringBuilder request = new StringBuilder("*" + command.length + "\r\n");
      for (String word : command) {
        request
            .append('$')
            .append(word.getBytes(UTF_8).length)
            .append("\r\n")
            .append(word)
            .append("\r\n");
      }
      socket.getOutputStream().write(request.toString().getBytes(UTF_8));
      return reply(new BufferedInputStream(socket.getInputStream()));
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  /** Ends every connection but its own, as a router that forgets them. */
  public void cutConnections() {
    run("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
  }

  /** A number of a section of INFO; of a statistic with several, {@code cmdstat_evalsha:calls} names one. */
  public long info(String section, String field) {
    Matcher matcher = Pattern.compile("(?m)^" + Pattern.quote(field) + "[:=](\\d+)")
        .matcher(run("INFO", section));
    if (!matcher.find()) {
      throw new IllegalArgumentException("INFO " + section + " has no " + field);
    }
    return Long.parseLong(matcher.group(1));
  }

  private static String reply(InputStream in) throws IOException {
    String head = line(in);
    String rest = head.substring(1);
    switch (head.charAt(0)) {
      case '$':
        int length = Integer.parseInt(rest);
        if (length < 0) {
          return "";
        }
        String text = new String(in.readNBytes(length), UTF_8);
        in.readNBytes(2);
        return text;
      case '*':
        List<String> elements = new ArrayList<>();
        for (int left = Integer.parseInt(rest); left > 0; left--) {
          elements.add(reply(in));
        }
        return String.join("\n", elements);
      case '-':
        return head;
      default:
        return rest;
    }
  }

  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = in.read(); c != '\r'; c = in.read()) {
      if (c < 0) {
        throw new EOFException("Redis has closed the connection");
      }
      line.append((char) c);
    }
    in.read();
    return line.toString();
  }
}
