package io.consoul.redis;

import io.consoul.config.ConfigReader;
import io.consoul.config.Secret;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The section {@code redis} of a verticle's configuration: the way to a Redis. All uses share the variables but for that of
 * the URL, so that one Redis needs to be described once.
 *
 * @param urls of the server; of some of the servers or sentinels in the other modes; empty where there is no Redis
 * @param masterName what the sentinels call the server
 * @param caFile certificates (PEM) of who may have signed the servers' ones, or null for those that Java knows
 * @param maxConnections over all instances of the node
 * @param maxWaiting commands under way or waiting, over all instances of the node; above, a request fails at once
 */
public record RedisConfig(
    List<Secret> urls,
    Mode mode,
    String masterName,
    String caFile,
    int maxConnections,
    int maxWaiting,
    Duration connectTimeout,
    Duration commandTimeout,
    Fallback fallback) {

  /** How the servers are arranged. */
  public enum Mode {
    STANDALONE,
    SENTINEL,
    CLUSTER
  }

  /**
   * What happens while Redis does not answer.
   *
   * @param enabled something else stands in for it; else there is none
   * @param reconnectInterval between two attempts to go back to Redis
   */
  public record Fallback(boolean enabled, Duration reconnectInterval) {}

  private static final Set<String> SCHEMES = Set.of("redis", "rediss");

  private static final Pattern DATABASE = Pattern.compile("(/\\d{0,4})?");

  /**
   * Reads the section and closes it.
   *
   * @param urlVariable of this use; {@code REDIS_URL} stands in for it
   */
  public static RedisConfig from(ConfigReader redis, String urlVariable) {
    return from(redis, redis.section("fallback"), urlVariable);
  }

  /** @param fallback the section of that name, whose other settings have been read by the caller */
  public static RedisConfig from(ConfigReader redis, ConfigReader fallback, String urlVariable) {
    RedisConfig config = new RedisConfig(
        urls(redis, urlVariable),
        redis.choice("mode", "CONSOUL_REDIS_MODE", Mode.STANDALONE),
        redis.text("masterName", "CONSOUL_REDIS_MASTER_NAME", "mymaster"),
        caFile(redis),
        redis.integer("maxConnections", "CONSOUL_REDIS_MAX_CONNECTIONS", 50, 1, 10_000),
        redis.integer("maxWaiting", "CONSOUL_REDIS_MAX_WAITING", 10_000, 1, 1_000_000),
        redis.seconds("connectTimeoutSeconds", "CONSOUL_REDIS_CONNECT_TIMEOUT", 2, 0.05, 60),
        redis.seconds("commandTimeoutSeconds", "CONSOUL_REDIS_COMMAND_TIMEOUT", 2, 0.05, 60),
        new Fallback(
            fallback.flag("enabled", "CONSOUL_REDIS_FALLBACK_ENABLED", false),
            fallback.seconds(
                "reconnectIntervalSeconds", "CONSOUL_REDIS_RECONNECT_INTERVAL", 60, 1, 3_600)));
    if (config.mode == Mode.STANDALONE && config.urls.size() > 1) {
      redis.reject("mode", "must be sentinel or cluster where there are several URLs");
    }
    fallback.closed();
    redis.closed();
    return config;
  }

  /** Whether there is a Redis for this use. */
  public boolean isConfigured() {
    return !urls.isEmpty();
  }

  /** For messages to people: hosts and ports, without user and password. */
  public String addresses() {
    return String.join(", ", urls.stream().map(url -> address(url.reveal())).toList());
  }

  private static List<Secret> urls(ConfigReader redis, String variable) {
    Optional<Secret> set = redis.secret("url", variable, "REDIS_URL");
    List<String> urls = set.stream()
        .flatMap(all -> Stream.of(all.reveal().split(",")))
        .map(String::strip)
        .filter(url -> !url.isEmpty())
        .toList();
    if (!urls.stream().allMatch(RedisConfig::isUrl)) {
      redis.reject(
          "url",
          "must be like redis://user:password@host:6379/0 or rediss://…, several separated by commas");
      return List.of();
    }
    return urls.stream().map(Secret::new).toList();
  }

  private static String caFile(ConfigReader redis) {
    String file = redis.text("caFile", "CONSOUL_REDIS_CA_FILE").orElse(null);
    if (file != null && !Files.isReadable(Path.of(file))) {
      redis.reject("caFile", "must be a file that can be read, got " + file);
    }
    return file;
  }

  private static boolean isUrl(String text) {
    try {
      URI url = new URI(text);
      return url.getScheme() != null
          && SCHEMES.contains(url.getScheme())
          && url.getHost() != null
          && DATABASE.matcher(url.getPath()).matches();
    } catch (URISyntaxException malformed) {
      return false;
    }
  }

  private static String address(String url) {
    URI uri = URI.create(url);
    return uri.getScheme() + "://" + uri.getHost() + ":"
        + (uri.getPort() < 0 ? 6_379 : uri.getPort());
  }
}
