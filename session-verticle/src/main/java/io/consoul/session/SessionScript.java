package io.consoul.session;

import io.consoul.redis.RedisScript;
import java.util.Locale;

/** The scripts that run in Redis, each one atomic step; the files say what their keys and arguments are. */
enum SessionScript implements RedisScript {
  BEGIN,
  STANDING,
  SNAPSHOT,
  REASSIGN,
  TAKE_OVER,
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

  private final RedisScript script;

  SessionScript() {
    String source = read(name().toLowerCase(Locale.ROOT).replace('_', '-'));
    script = RedisScript.of(
        source.contains(USES_SESSION) ? source.replace(USES_SESSION, read("session")) : source);
  }

  @Override
  public String source() {
    return script.source();
  }

  @Override
  public String sha() {
    return script.sha();
  }

  private static String read(String name) {
    return RedisScript.read(SessionScript.class, "/redis/" + name + ".lua").source();
  }
}
