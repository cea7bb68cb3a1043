package io.consoul.session;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;

/** The scripts that run in Redis, each one atomic step; the files say what their keys and arguments are. */
enum RedisScript {
  PROBE;

  private final String source;
  private final String sha;

  RedisScript() {
    source = read("/redis/" + name().toLowerCase(Locale.ROOT).replace('_', '-') + ".lua");
    sha = sha(source);
  }

  String source() {
    return source;
  }

  /** By which Redis knows it. */
  String sha() {
    return sha;
  }

  private static String read(String resource) {
    try (InputStream file = RedisScript.class.getResourceAsStream(resource)) {
      return new String(file.readAllBytes(), UTF_8);
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  private static String sha(String source) {
    try {
      return HexFormat.of()
          .formatHex(MessageDigest.getInstance("SHA-1").digest(source.getBytes(UTF_8)));
    } catch (NoSuchAlgorithmException missing) {
      throw new IllegalStateException("every Java has SHA-1", missing);
    }
  }
}
