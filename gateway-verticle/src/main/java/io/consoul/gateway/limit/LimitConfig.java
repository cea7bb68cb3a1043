package io.consoul.gateway.limit;

import io.consoul.config.ConfigReader;
import io.consoul.config.Form;
import io.consoul.gateway.key.Caller;
import io.consoul.redis.RedisConfig;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The section {@code rateLimit} of conf/gateway.json.
 *
 * @param defaultLimits of callers whose key has no tier, and of those without a key; none for no limit
 * @param tiers the limits of each tier
 * @param keyPrefix of what is kept in Redis
 * @param memory bounds of what is kept in memory
 */
public record LimitConfig(
    boolean enabled,
    List<Window> defaultLimits,
    Map<String, List<Window>> tiers,
    Strategy strategy,
    String keyPrefix,
    Memory memory,
    RedisConfig redis) {

  /**
   * What this node keeps in memory, where there is no Redis or it is away.
   *
   * @param maxCallers whose charges are remembered; of more, those who have not come for longest are forgotten
   * @param maxCharges that are remembered by their time, of all callers together
   */
  public record Memory(int maxCallers, int maxCharges) {}

  private static final List<Window> DEFAULT = List.of(new Window(10, Duration.ofMinutes(1)));

  private static final Form TIERS = new Form(
      "an object of tiers and their limits",
      new JsonObject()
          .put("type", new JsonArray().add("object").add("null"))
          .put("propertyNames", new JsonObject().put("pattern", "^[A-Za-z0-9_-]{1,64}$"))
          .put("additionalProperties", WindowNotation.SCHEMA));

  private static final Pattern TIER = Pattern.compile("[A-Za-z0-9_-]{1,64}");
  private static final Pattern PREFIX = Pattern.compile("[!-z|~]{1,128}");

  /** @param limits the section; it is closed here */
  public static LimitConfig from(ConfigReader limits) {
    ConfigReader memory = limits.section("memory");
    LimitConfig config = new LimitConfig(
        limits.flag(
            "enabled", limits.either("CONSOUL_RATE_LIMIT_ENABLED", "CONSOUL_ENABLED"), true),
        limits.value(
            "defaultLimits",
            "CONSOUL_DEFAULT_LIMITS",
            DEFAULT,
            WindowNotation.FORM,
            WindowNotation::parse),
        limits.value("tiers", "CONSOUL_RATE_LIMIT_TIERS", Map.of(), TIERS, LimitConfig::tiers),
        limits.choice(
            "strategy",
            limits.either("CONSOUL_RATE_LIMIT_STRATEGY", "CONSOUL_STRATEGY"),
            Strategy.MOVING_WINDOW),
        limits.text(
            "keyPrefix",
            limits.either("CONSOUL_KEY_PREFIX", "CONSOUL_RATE_LIMIT_KEY_PREFIX"),
            "consoul:ratelimit"),
        new Memory(
            memory.integer(
                "maxCallers", "CONSOUL_RATE_LIMIT_MAX_CALLERS", 100_000, 1_000, 10_000_000),
            memory.integer(
                "maxCharges",
                "CONSOUL_RATE_LIMIT_MAX_CHARGES",
                10_000_000,
                1_000_000,
                1_000_000_000)),
        RedisConfig.from(limits.section("redis"), "CONSOUL_RATE_LIMIT_REDIS_URL"));
    if (!PREFIX.matcher(config.keyPrefix).matches()) {
      limits.reject(
          "keyPrefix", "must be 1 to 128 printable ASCII characters without spaces and braces");
    }
    memory.closed();
    limits.closed();
    return config;
  }

  /** The caller's tier, or null for the default limits. A key may have one that is not configured any more. */
  String tierOf(Caller caller) {
    return caller.tier() != null && tiers.containsKey(caller.tier()) ? caller.tier() : null;
  }

  /**
   * @param tier of the configured ones, or null for the default limits
   * @return none for no limit
   */
  List<Window> windows(String tier) {
    return tier == null ? defaultLimits : tiers.get(tier);
  }

  private static Map<String, List<Window>> tiers(Object written) {
    if (!(written instanceof JsonObject object)) {
      throw new IllegalArgumentException(
          "must be an object of tiers and their limits, like {\"gold\": \"100/minute\"}");
    }
    Map<String, List<Window>> tiers = new LinkedHashMap<>();
    for (String name : object.fieldNames()) {
      if (!TIER.matcher(name).matches()) {
        throw new IllegalArgumentException(
            "must have names of tiers from up to 64 letters, digits, _ and -");
      }
      try {
        Object limits = object.getValue(name);
        tiers.put(name, WindowNotation.parse(limits == null ? "" : limits));
      } catch (IllegalArgumentException wrong) {
        throw new IllegalArgumentException("in tier " + name + " " + wrong.getMessage());
      }
    }
    return Collections.unmodifiableMap(tiers);
  }
}
