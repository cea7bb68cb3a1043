package io.consoul.session;

import static java.util.concurrent.TimeUnit.SECONDS;

import io.consoul.message.BeginTurn;
import io.consoul.message.ChatMessage;
import io.consoul.message.FinishReason;
import io.consoul.message.Listener;
import io.consoul.message.SessionChanged;
import io.consoul.message.SessionId;
import io.consoul.message.Tenant;
import io.consoul.message.TurnId;
import io.consoul.message.Usage;
import io.consoul.redis.RedisLink;
import io.consoul.testkit.RedisServer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** Keys of its own in a Redis, the way to them, and short ways to write sessions there as turns do. */
final class RedisGround implements AutoCloseable {

  static final long TTL_MILLIS = 100_000;

  private static final long LONG_AGO = 1_700_000_000_000L;

  private static final AtomicInteger PREFIXES = new AtomicInteger();

  final Vertx vertx = Vertx.vertx();
  final Random random = new Random(1);
  final String prefix = "test" + PREFIXES.incrementAndGet() + ":";
  final RedisKeys keys = new RedisKeys(prefix);
  final List<SessionChanged> changes = new CopyOnWriteArrayList<>();

  /** Which instances were told of which sessions. */
  final List<String> moved = new CopyOnWriteArrayList<>();

  final RedisLink redis;
  final RedisIndex index;
  final SessionCopies copies;
  final RedisTidings tidings;
  final RedisSettlement settlement;

  /** On the clock of the node. */
  Instant now = Instant.parse("2026-01-01T00:00:00Z");

  /** Of the tenant. */
  static final ListName LIST = new ListName(Tenant.DEFAULT, null);

  private final Context context = vertx.getOrCreateContext();

  RedisGround(RedisServer server) {
    this(new JsonObject().put("url", server.url()));
  }

  /** @param section of session.json */
  RedisGround(JsonObject section) {
    SessionConfig config = SessionConfig.from(new JsonObject()
        .put("ttlSeconds", TTL_MILLIS / 1_000)
        .put("redis", RedisFixture.patient(section)));
    redis = get(() -> RedisLink.open(
        vertx, config.redis(), config.redisUse(), 1, new Random(), new SimpleMeterRegistry()));
    index = new RedisIndex(vertx, redis, keys);
    InstantSource clock = () -> now;
    copies = new SessionCopies(config, clock, new SessionsAtHand(10));
    tidings = new RedisTidings(
        "instance",
        index,
        (inbox, message) -> moved.add(inbox + " " + message.session()),
        changes::add);
    settlement = new RedisSettlement(config, clock, new RedisSteps(redis, keys), copies, tidings);
  }

  /** What comes of a step on the event loop; what it fails with is thrown. */
  <T> T get(Supplier<Future<T>> step) {
    Promise<T> result = Promise.promise();
    context.runOnContext(now -> step.get().onComplete(result));
    try {
      return result.future().await(30, SECONDS);
    } catch (TimeoutException late) {
      throw new AssertionError(late);
    }
  }

  void run(Runnable step) {
    get(() -> {
      step.run();
      return Future.succeededFuture();
    });
  }

  Response send(Command command, Object... arguments) {
    return get(() -> sent(command, arguments));
  }

  Future<Response> sent(Command command, Object... arguments) {
    Request request = Request.cmd(command);
    for (Object argument : arguments) {
      request.arg(argument.toString());
    }
    return redis.send(request);
  }

  /** The time on Redis's clock, in milliseconds. */
  long redisTime() {
    Response time = send(Command.TIME);
    return time.get(0).toLong() * 1_000 + time.get(1).toLong() / 1_000;
  }

  RedisKeys.OfSession of(String session) {
    return keys.of("default:" + session);
  }

  /** In the list of the tenant. */
  static ListedSession listed(String session) {
    return new ListedSession(LIST, id(session));
  }

  static SessionId id(String session) {
    return new SessionId(session);
  }

  /** The members of a sorted set, lowest first. */
  List<String> members(String key) {
    return SweepEntries.texts(send(Command.ZRANGE, key, 0, -1));
  }

  long score(String key, String member) {
    return RedisIndex.millis(send(Command.ZSCORE, key, member));
  }

  boolean exists(String key) {
    return send(Command.EXISTS, key).toInteger() == 1;
  }

  long left(String key) {
    return send(Command.PTTL, key).toLong();
  }

  /** A kept session as turns leave it behind, but for the index. */
  void write(String session, String... said) {
    RedisKeys.OfSession names = of(session);
    send(
        Command.HSET,
        names.head(),
        "created",
        LONG_AGO,
        "updated",
        LONG_AGO,
        "expires",
        0,
        "turns",
        said.length / 2,
        "input_tokens",
        3,
        "output_tokens",
        4,
        "cost",
        "0.5",
        "fence",
        7,
        "kept",
        1,
        "token",
        "token");
    for (int i = 0; i < said.length; i++) {
      send(Command.RPUSH, names.messages(), message(session, said[i], i % 2 == 1));
    }
    send(Command.PEXPIRE, names.head(), TTL_MILLIS);
    send(Command.PEXPIRE, names.messages(), TTL_MILLIS);
  }

  /** A turn in progress. */
  BeginTurn pend(String session, long until) {
    TurnId id = TurnId.mint(id(session), random);
    BeginTurn turn = new BeginTurn(id, Tenant.DEFAULT, "one", null, new Listener("listener", 100));
    JsonObject begin = turn.toJson();
    begin.remove("text");
    String lease = of(session).lease();
    send(
        Command.HSET,
        lease,
        "turn",
        id,
        "token",
        "secret",
        "fence",
        8,
        "until",
        until,
        "lasts",
        60_000,
        "provider",
        "provider",
        "begin",
        begin,
        "user",
        message(session, "one", false),
        "key",
        "",
        "begun",
        LONG_AGO,
        "length",
        0);
    send(Command.PEXPIRE, lease, TTL_MILLIS);
    send(Command.RPUSH, of(session).journal(), "0 said");
    send(Command.PEXPIRE, of(session).journal(), TTL_MILLIS);
    return turn;
  }

  /** How often Redis has run a command. */
  int calls(String command) {
    String stats = send(Command.INFO, "commandstats").toString();
    return stats
        .lines()
        .filter(line -> line.startsWith("cmdstat_" + command + ":"))
        .map(line -> line.replaceAll(".*:calls=(\\d+).*", "$1"))
        .mapToInt(Integer::parseInt)
        .sum();
  }

  List<String> told() {
    return changes.stream()
        .map(change -> change.session() + " " + change.change())
        .toList();
  }

  @Override
  public void close() {
    get(index::flush);
    get(redis::close);
    vertx.close().await();
  }

  private String message(String session, String text, boolean answer) {
    Instant at = Instant.ofEpochMilli(LONG_AGO);
    TurnId turn = TurnId.mint(id(session), random);
    return (answer
            ? new StoredMessage(
                ChatMessage.assistant(text),
                turn,
                at,
                1,
                "model-1",
                new Usage(1, 1, 0, false),
                FinishReason.STOP)
            : new StoredMessage(ChatMessage.user(text), turn, at, 1, null, null, null))
        .encoded();
  }
}
