package io.consoul.session;

import static io.consoul.session.RedisSteps.says;

import io.consoul.fault.Fault;
import io.consoul.message.CreateSession;
import io.consoul.message.DeleteSession;
import io.consoul.message.ListSessions;
import io.consoul.message.MessagePage;
import io.consoul.message.ReadMessages;
import io.consoul.message.ReadSession;
import io.consoul.message.SessionInfo;
import io.consoul.message.SessionPage;
import io.consoul.message.SessionRequest;
import io.consoul.message.TurnId;
import io.consoul.message.Usage;
import io.consoul.redis.RedisLink;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.redis.client.Response;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** Whole sessions in Redis. Confined to one event loop. */
final class RedisCatalog implements SessionCatalog {

  /** How long a deleted session's turns and batches are remembered. */
  static final Duration GRAVE = Duration.ofMinutes(10);

  /** Of one session, that is deleted and made again over and over. */
  private static final int MAX_GRAVE = 10_000;

  /** A UTF-16 code unit has at most so many bytes in UTF-8. */
  private static final int BYTES_PER_CHAR = 3;

  private final RedisLink redis;
  private final RedisKeys keys;
  private final RedisSteps steps;
  private final RedisSettlement settlement;
  private final SessionCopies copies;
  private final RedisIndex index;
  private final RedisTidings tidings;
  private final Duration ttl;
  private final InstantSource clock;
  private final RandomGenerator random;
  private final RedisListing listing;

  /**
   * @param ttl of a session in which nothing happens
   * @param random that nobody can foretell
   */
  RedisCatalog(
      RedisLink redis,
      RedisKeys keys,
      RedisSettlement settlement,
      SessionCopies copies,
      RedisIndex index,
      RedisTidings tidings,
      Duration ttl,
      InstantSource clock,
      RandomGenerator random) {
    this.redis = redis;
    this.keys = keys;
    this.steps = new RedisSteps(redis, keys);
    this.settlement = settlement;
    this.copies = copies;
    this.index = index;
    this.ttl = ttl;
    this.clock = clock;
    this.random = random;
    this.tidings = tidings;
    this.listing = new RedisListing(redis, keys);
  }

  @Override
  public Future<SessionInfo> create(CreateSession create, int promptTokens) {
    return settled(create, SessionScript.CATALOG_CREATE, fields(create, promptTokens))
        .compose(made -> {
          if (says(made, "exists")) {
            throw Fault.SESSION_EXISTS.because();
          }
          SessionInfo session = made(create, made.get(1).toLong(), made.get(2).toLong());
          return index.flush().map(session); // so that whoever lists next sees it
        });
  }

  @Override
  public Future<SessionInfo> read(ReadSession read) {
    return settled(read, SessionScript.CATALOG_READ).map(found -> {
      Response turn = existing(found).get(2);
      return RedisHead.ofPairs(found.get(1))
          .info(read.session(), turn == null ? null : TurnId.parse(turn.toString()));
    });
  }

  @Override
  public Future<MessagePage> messages(ReadMessages read) {
    int most = BYTES_PER_CHAR * Transcript.MAX_PAGE_CHARS;
    return Future.succeededFuture(read.cursor())
        .map(Cursor::message)
        .compose(from -> settled(read, SessionScript.CATALOG_MESSAGES, from, read.limit(), most)
            .map(found -> page(read, from, existing(found))));
  }

  @Override
  public Future<SessionPage> list(ListSessions list) {
    return index.flush().compose(written -> listing.page(list));
  }

  @Override
  public boolean isShared() {
    return true;
  }

  @Override
  public Future<Long> count() {
    return redis
        .run(SessionScript.CATALOG_COUNT, List.of(keys.index()), List.of())
        .map(Response::toLong);
  }

  @Override
  public Future<Optional<SessionStore.Known.Pending>> delete(DeleteSession delete) {
    return settled(
            delete, SessionScript.CATALOG_DELETE, GRAVE.toMillis(), MAX_GRAVE, Leases.token(random))
        .map(deleted -> {
          existing(deleted);
          copies.forget(SessionName.of(delete));
          tidings.deleted(
              SessionName.of(delete),
              deleted.get(5).toInteger() == 1,
              deleted.get(6).toString(),
              RedisHead.owner(deleted.get(7)));
          return Optional.ofNullable(deleted.get(1)).map(turn -> KnownReplies.pending(deleted));
        });
  }

  private Object[] fields(CreateSession create, int promptTokens) {
    JsonObject metadata = new JsonObject();
    create.metadata().forEach(metadata::put);
    List<Object> fields = new ArrayList<>(List.of(
        Leases.token(random),
        ttl.toMillis(),
        clock.millis(),
        "settings",
        create.settings().toJson().encode(),
        "metadata",
        metadata.encode(),
        "prompt_tokens",
        promptTokens));
    if (create.model() != null) {
      fields.addAll(List.of("model", create.model()));
    }
    if (create.owner() != null) {
      fields.addAll(List.of("owner", create.owner()));
    }
    return fields.toArray();
  }

  private SessionInfo made(CreateSession create, long created, long expires) {
    tidings.made(ListedSession.of(SessionName.of(create), create.owner()), created, expires);
    return new SessionInfo(
        create.session(),
        create.model(),
        Instant.ofEpochMilli(created),
        Instant.ofEpochMilli(created),
        Instant.ofEpochMilli(expires),
        0,
        Usage.NONE,
        create.settings(),
        create.metadata(),
        null);
  }

  private static MessagePage page(ReadMessages read, int from, Response found) {
    List<MessagePage.Entry> page = new ArrayList<>();
    long chars = 0;
    for (Response encoded : found.get(2)) {
      StoredMessage message = StoredMessage.decoded(encoded.toString());
      chars += message.message().json().length();
      if (chars > Transcript.MAX_PAGE_CHARS && !page.isEmpty()) {
        break;
      }
      page.add(message.entry());
    }
    int next = from + page.size();
    return new MessagePage(
        read.session(), page, next < found.get(1).toInteger() ? Cursor.ofMessage(next) : null);
  }

  /** The step as it ends with no turn in the session whose provider is gone. */
  private Future<Response> settled(
      SessionRequest request, SessionScript script, Object... arguments) {
    SessionName name = SessionName.of(request);
    return settlement.settled(name, () -> steps.run(script, name, arguments));
  }

  private static Response existing(Response response) {
    if (says(response, "none")) {
      throw Fault.SESSION_NOT_FOUND.because();
    }
    return response;
  }
}
