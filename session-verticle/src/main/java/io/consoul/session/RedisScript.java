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
  PROBE,
  BEGIN,
  STANDING,
  SNAPSHOT,
  REASSIGN,
  PROGRESS,
  SEAL,
  ABORT,
  FIND,
  PENDING,
  SETTLE,
  END_BATCH,
  CATALOG_CREATE,
  CATALOG_READ,
  CATALOG_MESSAGES,
  CATALOG_DELETE,
  CATALOG_LIST,
  CATALOG_COUNT,
  SWEEP_COLLECTOR,
  SWEEP_SESSION,
  SWEEP_DROP,
  MERGE;

  /** The line of a script in whose place stands what the steps of a turn share. */
  private static final String USES_SESSION = "-- uses session\n";

  private final String source;
  private final String sha;

  RedisScript() {
    source = read(name().toLowerCase(Locale.ROOT).replace('_', '-'));
    sha = sha(source);
  }

  String source() {
    return source;
  }

  /** By which Redis knows it. */
  String sha() {
    return sha;
  }

  private static String read(String name) {
    try (InputStream file = RedisScript.class.getResourceAsStream("/redis/" + name + ".lua")) {
      String script = new String(file.readAllBytes(), UTF_8);
      return script.contains(USES_SESSION) ? script.replace(USES_SESSION, read("session")) : script;
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
