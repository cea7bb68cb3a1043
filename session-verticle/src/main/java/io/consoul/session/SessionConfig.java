package io.consoul.session;

import io.consoul.config.ConfigReader;
import io.consoul.message.Settings;
import io.consoul.redis.RedisConfig;
import io.consoul.redis.RedisUse;
import io.vertx.core.json.JsonObject;
import java.time.Duration;

/**
 * conf/session.json. Every key, its default and its range stand in this file and nowhere else.
 *
 * @param ttl how long a session is kept after its last turn
 * @param lockTimeout how long a turn waits for another one of its session before it gets E102
 * @param lease how long a turn may go on without a sign of its provider
 * @param queuedInterval how often a waiting turn's gateway is told so
 * @param turnTimeout when a turn is ended whatever it does
 * @param acknowledgement how long a provider may take to take a turn before another one is asked
 * @param maxWaiting turns that may wait, for one session and in an instance
 * @param maxHistoryTokens of the conversation that goes to the model; older turns stay in the store
 * @param maxSessions in memory, over all instances of the node; the oldest idle go first
 * @param redis the way to the Redis that keeps the sessions
 * @param keyPrefix of all keys in Redis, without braces; ends in a colon
 * @param cacheSize sessions in Redis whose newest messages are kept at hand, over all instances of the node
 * @param model of new sessions, or null for the provider's default
 * @param settings of new sessions
 */
public record SessionConfig(
    int instances,
    Duration ttl,
    Duration lockTimeout,
    Duration lease,
    Duration queuedInterval,
    Duration turnTimeout,
    Duration acknowledgement,
    MaxWaiting maxWaiting,
    int maxHistoryTokens,
    int maxSessions,
    RedisConfig redis,
    InOutage inOutage,
    String keyPrefix,
    int cacheSize,
    String model,
    Settings settings) {

  /**
   * How long a turn's lease must not have been renewed before the turn is taken from a provider that is gone, as far as is
   * known here, or says that it does not have it. A provider that is well renews every 1.5 s at the latest: where only the way
   * to it is broken it is left alone.
   */
  static final Duration UNRENEWED_WHEN_GONE = Duration.ofSeconds(2);

  /** Bounds of the queues of turns; above, a turn is refused with E022. */
  public record MaxWaiting(int perSession, int perInstance) {}

  /** What becomes of a session in an outage whose history is not at hand. */
  public enum Unknown {
    /** It goes on without its history, and the answer says so. */
    SERVE,
    /** E110. */
    REFUSE
  }

  /**
   * What happens in an outage in which turns are kept elsewhere and merged later.
   *
   * @param journal file that holds the turns of an outage on a node without a cluster
   */
  public record InOutage(Unknown unknown, String journal) {}

  private static final String REDIS_URL = "CONSOUL_SESSION_REDIS_URL";

  /** The caller reports the problems, over all files at once. */
  public static SessionConfig from(ConfigReader root) {
    ConfigReader memory = root.section("memory");
    ConfigReader redis = root.section("redis");
    ConfigReader fallback = redis.section("fallback");
    ConfigReader waiting = root.section("maxWaitingTurns");
    ConfigReader defaults = root.section("newSessions");
    InOutage inOutage = new InOutage(
        fallback.choice("unknown", "CONSOUL_REDIS_FALLBACK_UNKNOWN", Unknown.SERVE),
        fallback.text("journal", "CONSOUL_REDIS_FALLBACK_JOURNAL", "data/outage.journal"));
    SessionConfig config = new SessionConfig(
        root.perCore("instances", "CONSOUL_SESSION_INSTANCES", 1_024),
        root.seconds("ttlSeconds", "CONSOUL_SESSION_TTL", 3_600, 1, 31_536_000),
        root.seconds("lockTimeoutSeconds", "CONSOUL_SESSION_LOCK_TIMEOUT", 30, 0.1, 3_600),
        root.seconds("leaseSeconds", "CONSOUL_SESSION_LEASE", 5, 0.2, 60),
        root.millis("queuedIntervalMillis", "CONSOUL_SESSION_QUEUED_INTERVAL_MS", 1_500, 10, 2_000),
        root.seconds("turnTimeoutSeconds", "CONSOUL_SESSION_TURN_TIMEOUT", 900, 1, 86_400),
        root.millis(
            "acknowledgementMillis", "CONSOUL_SESSION_ACKNOWLEDGEMENT_MS", 2_000, 10, 10_000),
        new MaxWaiting(
            waiting.integer("perSession", "CONSOUL_SESSION_MAX_WAITING", 100, 1, 1_000),
            waiting.integer(
                "perInstance", "CONSOUL_SESSION_MAX_WAITING_TOTAL", 10_000, 1, 1_000_000)),
        root.integer(
            "maxHistoryTokens", "CONSOUL_SESSION_MAX_HISTORY_TOKENS", 128_000, 100, 10_000_000),
        memory.integer("maxSessions", "CONSOUL_MEMORY_MAX_SESSIONS", 100_000, 1, 100_000_000),
        RedisConfig.from(redis, fallback, REDIS_URL),
        inOutage,
        prefix(root),
        root.integer("cacheSize", "CONSOUL_SESSION_CACHE_SIZE", 1_000, 1, 10_000_000),
        defaults.text("model", "CONSOUL_MODEL_NAME").orElse(null),
        new Settings(
            defaults.text("systemPrompt", "CONSOUL_SYSTEM_PROMPT").orElse(null),
            defaults.optionalDecimal("temperature", "CONSOUL_TEMPERATURE", 0, 2).orElse(null),
            defaults
                .optionalInteger("maxTokens", "CONSOUL_MAX_TOKENS", 1, 1_000_000)
                .orElse(null)));
    memory.closed();
    waiting.closed();
    defaults.closed();
    root.closed();
    return config;
  }

  /** @throws io.consoul.config.ConfigException with every problem of it */
  public static SessionConfig from(JsonObject json) {
    return ConfigReader.read(json, SessionConfig::from);
  }

  /** What the sessions need a Redis for. */
  RedisUse redisUse() {
    return new RedisUse(
        "session", "keep sessions", "the store of the sessions", REDIS_URL, keyPrefix);
  }

  /** This instance's share of {@link #maxSessions}. */
  int maxSessionsPerInstance() {
    return share(maxSessions);
  }

  /** This instance's share of {@link #cacheSize}. */
  int cacheSizePerInstance() {
    return share(cacheSize);
  }

  /** This instance's share of something that is for all of them, at least 1. */
  int share(int all) {
    return Math.max(1, (all + instances - 1) / instances);
  }

  /** Braces would decide the slot of every key in a Redis Cluster, and all sessions would lie in one. */
  private static String prefix(ConfigReader root) {
    String text = root.text("keyPrefix", "CONSOUL_SESSION_KEY_PREFIX", "consoul:session:");
    if (text.contains("{") || text.contains("}")) {
      root.reject("keyPrefix", "must not have braces in it");
    }
    return text.endsWith(":") ? text : text + ":";
  }
}
