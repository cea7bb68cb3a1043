package io.consoul.session;

import static io.consoul.session.SessionNode.assertFault;
import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.fault.Fault;
import io.consoul.message.BeginTurn;
import io.consoul.message.CreateSession;
import io.consoul.message.DeleteSession;
import io.consoul.message.ListSessions;
import io.consoul.message.MessagePage;
import io.consoul.message.ReadMessages;
import io.consoul.message.ReadSession;
import io.consoul.message.SessionInfo;
import io.consoul.message.SessionPage;
import io.consoul.message.Settings;
import io.consoul.message.Tenant;
import io.consoul.message.Usage;
import io.consoul.testkit.RedisServer;
import io.vertx.redis.client.Command;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The catalog of the sessions in Redis")
class RedisCatalogTest {

  private static final Settings BRIEF = new Settings("Be brief.", 0.5, 100);
  private static RedisServer server;

  private RedisGround ground;
  private RedisCatalog catalog;

  @BeforeAll
  static void startServer() {
    server = RedisServer.start("--save", "");
  }

  @AfterAll
  static void stopServer() {
    server.close();
  }

  @BeforeEach
  void open() {
    ground = new RedisGround(server);
    catalog = new RedisCatalog(
        ground.redis,
        ground.keys,
        ground.settlement,
        ground.copies,
        ground.index,
        ground.tidings,
        Duration.ofMillis(RedisGround.TTL_MILLIS),
        () -> ground.now,
        ground.random);
  }

  @AfterEach
  void close() {
    ground.close();
  }

  @Test
  @DisplayName("makes a session that stays, once, and tells of it")
  void create() {
    long before = ground.redisTime();
    CreateSession create = new CreateSession(
        RedisGround.id("s"), Tenant.DEFAULT, "gpt", BRIEF, Map.of("name", "wörth"));
    SessionInfo made = ground.get(() -> catalog.create(create, 12));

    assertThat(made.created()).isEqualTo(ground.now);
    assertThat(made.expires().toEpochMilli())
        .isBetween(before + RedisGround.TTL_MILLIS, ground.redisTime() + RedisGround.TTL_MILLIS);
    assertThat(read("s")).isEqualTo(made);
    assertThat(made.settings()).isEqualTo(BRIEF);
    assertThat(made.metadata()).isEqualTo(Map.of("name", "wörth"));
    assertThat(ground.left(ground.of("s").head()))
        .isBetween(RedisGround.TTL_MILLIS - 10_000, RedisGround.TTL_MILLIS);
    assertThat(ground.send(Command.HGET, ground.of("s").head(), "prompt_tokens").toInteger())
        .isEqualTo(12);
    assertFault(Fault.SESSION_EXISTS, () -> create("s"));
    assertThat(ground.told()).containsExactly("s CREATED");
  }

  @Test
  @DisplayName("makes a session once also when it is asked again since the first reply was lost")
  void createAgain() {
    create("s");
    String token = ground.send(Command.HGET, ground.of("s").head(), "token").toString();
    RedisSteps steps = new RedisSteps(ground.redis, ground.keys);
    SessionName name = new SessionName(Tenant.DEFAULT, RedisGround.id("s"));

    var again =
        ground.get(() -> steps.run(SessionScript.CATALOG_CREATE, name, token, 1, 1, "a", 1));
    var other = ground.get(() -> steps.run(SessionScript.CATALOG_CREATE, name, "x", 1, 1, "a", 1));

    assertThat(again.get(0)).hasToString("made");
    assertThat(again.get(1).toLong()).isEqualTo(ground.now.toEpochMilli());
    assertThat(other.get(0)).hasToString("exists");
  }

  @Test
  @DisplayName("gives a new session nothing of one of its name that was lost in part")
  void createOnRuins() {
    ground.write("s", "one", "eins");
    ground.send(Command.DEL, ground.of("s").head());

    create("s");

    assertThat(messages("s", 10, null).messages()).isEmpty();
  }

  @Test
  @DisplayName("tells what there is of a session, and the turn in progress")
  void read() {
    ground.write("s", "one", "eins");
    BeginTurn turn = ground.pend("s", ground.redisTime() + 50_000);

    SessionInfo read = read("s");

    assertThat(read.turns()).isEqualTo(1);
    assertThat(read.usage()).isEqualTo(new Usage(3, 4, 0.5, false));
    assertThat(read.model()).isNull();
    assertThat(read.turnInProgress()).isEqualTo(turn.turn());
    assertFault(Fault.SESSION_NOT_FOUND, () -> read("t"));
    assertFault(Fault.SESSION_NOT_FOUND, () -> messages("t", 10, null));
    assertFault(Fault.SESSION_NOT_FOUND, () -> delete("t"));
  }

  @Test
  @DisplayName("ends a turn whose provider is gone before it looks at the session")
  void lapsed() {
    ground.write("s", "one", "eins");
    for (Runnable step : List.<Runnable>of(
        () -> assertThat(read("s").turnInProgress()).isNull(),
        () -> assertThat(messages("s", 10, null).messages()).hasSize(6),
        () -> assertFault(Fault.SESSION_EXISTS, () -> create("s")),
        () -> assertThat(delete("s")).isEmpty())) {
      ground.pend("s", ground.redisTime() - 1);
      step.run();
      assertThat(ground.exists(ground.of("s").lease())).isFalse();
    }
  }

  @Test
  @DisplayName("gives the messages page by page, oldest first")
  void messages() {
    ground.write("s", IntStream.range(0, 50).mapToObj(i -> "text " + i).toArray(String[]::new));

    List<String> read = new ArrayList<>();
    String cursor = null;
    do {
      MessagePage page = messages("s", 13, cursor);
      page.messages().forEach(entry -> read.add(entry.message().content()));
      cursor = page.nextCursor();
    } while (cursor != null);

    assertThat(read).isEqualTo(IntStream.range(0, 50).mapToObj(i -> "text " + i).toList());
    assertThat(messages("s", 50, null).nextCursor()).isNull();
    assertThat(messages("s", 2, null).messages().get(1).usage())
        .isEqualTo(new Usage(1, 1, 0, false));
    assertThat(messages("s", 2, Cursor.ofMessage(99)).messages()).isEmpty();
  }

  @Test
  @DisplayName(
      "ends a page of long messages early, whatever bytes they are made of, and never before its first message")
  void longMessages() {
    String half = "ж".repeat(600_000);
    ground.write("s", "one", half + half, "two", half);

    MessagePage first = messages("s", 10, null);
    MessagePage second = messages("s", 10, first.nextCursor());
    MessagePage third = messages("s", 10, second.nextCursor());

    assertThat(first.messages()).hasSize(1);
    assertThat(second.messages()).hasSize(1);
    assertThat(third.messages()).hasSize(2);
    assertThat(third.nextCursor()).isNull();
  }

  @Test
  @DisplayName(
      "lists a tenant's sessions, the newest first, those of one moment by id, whatever is asked at a time")
  void list() {
    List<String> expected = new ArrayList<>();
    for (int moment = 0; moment < 5; moment++) {
      List<String> ids = new ArrayList<>(List.of("a", "a b", "a%", "b", "ü", "ж{}"));
      for (int i = 0; i < ids.size(); i++) {
        ids.set(i, ids.get(i) + moment);
      }
      ids.forEach(this::create);
      expected.addAll(0, ids.stream().sorted().toList());
      ground.now = ground.now.plusMillis(1);
    }
    ground.get(() -> catalog.create(
        new CreateSession(
            RedisGround.id("theirs"), new Tenant("other"), null, Settings.NONE, Map.of()),
        0));
    written();

    assertThat(ids(list(null, 100, null))).isEqualTo(expected);
    for (int limit : new int[] {1, 2, 5, 29, 30}) {
      assertThat(listed(null, limit)).as("limit %d", limit).isEqualTo(expected);
    }
    assertThat(list(null, 30, null).nextCursor()).isNull();
    assertThat(ids(ground.get(
            () -> catalog.list(new ListSessions(new Tenant("nobody"), null, 10, null, false)))))
        .isEmpty();
  }

  @Test
  @DisplayName("goes on behind its cursor, whatever came or went meanwhile")
  void listInMotion() {
    for (String session : List.of("a", "b", "c", "d")) {
      create(session);
      ground.now = ground.now.plusSeconds(1);
    }
    create("e2");
    create("e1");
    written();
    SessionPage first = list(null, 3, null);
    assertThat(ids(first)).containsExactly("e1", "e2", "d");
    SessionPage ofOneMoment = list(null, 1, null);

    create("f");
    delete("d");
    delete("e1");
    ground.now = ground.now.plusSeconds(1);
    create("e1");
    written();

    assertThat(ids(list(null, 3, first.nextCursor()))).containsExactly("c", "b", "a");
    assertThat(ids(list(null, 2, ofOneMoment.nextCursor()))).containsExactly("e2", "f");
    assertThat(ground.members(ground.keys.list(RedisGround.LIST)))
        .as("no mark is left behind")
        .containsExactly("e1", "e2", "f", "c", "b", "a");
  }

  @Test
  @DisplayName("lists a namespace by what stands before a colon, and never a part of a word")
  void namespace() {
    List.of("app:1", "app:2:x", "apple:1", "app", "other:1").forEach(this::create);
    written();

    assertThat(ids(list("app", 10, null))).containsExactly("app:1", "app:2:x");
    assertThat(ids(list("app:", 10, null))).containsExactly("app:1", "app:2:x");
    assertThat(ids(list("app:2", 10, null))).containsExactly("app:2:x");
    assertThat(listed("app", 1)).containsExactly("app:1", "app:2:x");
  }

  @Test
  @DisplayName("lists no session that is gone, and forgets that it was listed")
  void goneNotListed() {
    List.of("a", "b", "c").forEach(this::create);
    written();
    ground.send(Command.DEL, ground.of("b").head());

    assertThat(listed(null, 1)).containsExactly("a", "c");

    assertThat(ground.members(ground.keys.list(RedisGround.LIST))).containsExactly("a", "c");
  }

  @Test
  @DisplayName(
      "lists no session that is in another list by now, and forgets that it was listed here")
  void inAnotherList() {
    create("a");
    create("b");
    written();
    ground.send(Command.HSET, ground.of("a").head(), "owner", "key-1");

    assertThat(listed(null, 1)).containsExactly("b");

    assertThat(ground.members(ground.keys.list(RedisGround.LIST))).containsExactly("b");
  }

  @Test
  @DisplayName(
      "looks at a bounded number of sessions for a page, and says where the next one goes on")
  void boundedSearch() {
    List<Object> entries = new ArrayList<>(List.of(ground.keys.list(RedisGround.LIST)));
    IntStream.range(0, 10_500)
        .forEach(i -> entries.addAll(List.of(-1_000_000, "id%06d".formatted(i))));
    ground.send(Command.ZADD, entries.toArray());
    ground.write("z:last");
    ground.send(Command.ZADD, ground.keys.list(RedisGround.LIST), -1_000_000, "z:last");

    SessionPage first = list("z", 10, null);
    assertThat(first.sessions()).isEmpty();
    SessionPage second = list("z", 10, first.nextCursor());
    assertThat(ids(second)).containsExactly("z:last");
    assertThat(second.nextCursor()).isNull();
    assertThat(listed(null, 500)).containsExactly("z:last");
    assertThat(ground.members(ground.keys.list(RedisGround.LIST))).containsExactly("z:last");
  }

  @Test
  @DisplayName("keeps sessions with odd names apart")
  void oddIds() {
    List<String> odd = List.of(
        "{",
        "}",
        "{s}",
        "%",
        "%25",
        "%7B",
        "a b",
        "a:b",
        ":",
        "a:",
        "ü",
        "𝄞",
        "*",
        "s:m",
        "\\",
        "日本語",
        "x".repeat(128));
    odd.forEach(this::create);
    written();

    assertThat(listed(null, 3)).containsExactlyInAnyOrderElementsOf(odd);
    for (String id : odd) {
      assertThat(read(id).session().value()).isEqualTo(id);
      assertThat(RedisKeys.name(RedisKeys.member("default:" + id))
              .orElseThrow()
              .session()
              .value())
          .isEqualTo(id);
      assertThat(ground.keys.nameInKey(ground.of(id).journal()).orElseThrow().key())
          .isEqualTo("default:" + id);
    }
    odd.forEach(this::delete);
    written();
    assertThat(list(null, 10, null).sessions()).isEmpty();
    assertThat(ground.members(ground.keys.index())).isEmpty();
  }

  @Test
  @DisplayName(
      "deletes a session with all that was in it, and remembers for ten minutes what was under way")
  void delete() {
    create("s");
    BeginTurn turn = ground.pend("s", ground.redisTime() + 50_000);
    ground.send(Command.HSET, ground.of("s").lease(), "batch", "b1", "batch_until", "");
    ground.send(Command.HSET, ground.of("s").head(), "fence", 8);

    assertThat(delete("s"))
        .contains(new SessionStore.Known.Pending(turn.turn(), 8, "provider", turn.listener()));

    RedisKeys.OfSession names = ground.of("s");
    assertThat(ground.exists(names.head())).isFalse();
    assertThat(ground.exists(names.lease())).isFalse();
    assertThat(ground.exists(names.journal())).isFalse();
    assertThat(SweepEntries.texts(ground.send(Command.HKEYS, names.grave())))
        .containsExactlyInAnyOrder("fence", "by", "deleted", "t:" + turn.turn(), "b:b1");
    assertThat(ground.left(names.grave())).isBetween(590_000L, 600_000L);
    assertThat(ground.told()).containsExactly("s CREATED", "s DELETED");
    assertFault(Fault.SESSION_NOT_FOUND, () -> delete("s"));
    create("s");
    assertThat(ground.send(Command.HGET, names.head(), "fence").toInteger()).isEqualTo(8);
  }

  @Test
  @DisplayName("tells the instance that has a deleted session at hand")
  void deletedElsewhere() {
    create("s");
    create("t");
    ground.send(Command.HSET, ground.of("s").head(), "at", "another");
    ground.send(Command.HSET, ground.of("t").head(), "at", "instance");

    delete("s");
    delete("t");

    assertThat(ground.moved).containsExactly("another s");
  }

  @Test
  @DisplayName("deletes a session once also when it is asked again since the first reply was lost")
  void deleteAgain() {
    create("s");
    RedisSteps steps = new RedisSteps(ground.redis, ground.keys);
    SessionName name = new SessionName(Tenant.DEFAULT, RedisGround.id("s"));

    for (int i = 0; i < 2; i++) {
      assertThat(ground
              .get(() -> steps.run(SessionScript.CATALOG_DELETE, name, 1_000, 10, "by"))
              .get(0))
          .hasToString("deleted");
    }
    assertThat(ground
            .get(() -> steps.run(SessionScript.CATALOG_DELETE, name, 1_000, 10, "another"))
            .get(0))
        .hasToString("none");
  }

  @Test
  @DisplayName(
      "tells whose list a session was in also when the first reply to its deletion was lost")
  void deleteAgainOfAnOwner() {
    RedisSteps steps = new RedisSteps(ground.redis, ground.keys);
    SessionName name = new SessionName(Tenant.DEFAULT, RedisGround.id("s"));
    create("s");
    ground.send(Command.HSET, ground.of("s").head(), "owner", "key-1");

    for (int i = 0; i < 2; i++) {
      assertThat(ground
              .get(() -> steps.run(SessionScript.CATALOG_DELETE, name, 1_000, 10, "by"))
              .get(7))
          .hasToString("key-1");
    }
    create("s");
    for (int i = 0; i < 2; i++) {
      assertThat(ground
              .get(() -> steps.run(SessionScript.CATALOG_DELETE, name, 1_000, 10, "another"))
              .get(7))
          .isNull();
    }
  }

  @Test
  @DisplayName("does not delete what was made since when it is asked again")
  void deleteAgainAfterCreate() {
    create("s");
    RedisSteps steps = new RedisSteps(ground.redis, ground.keys);
    SessionName name = new SessionName(Tenant.DEFAULT, RedisGround.id("s"));
    ground.get(() -> steps.run(SessionScript.CATALOG_DELETE, name, 1_000, 10, "by"));
    create("s");

    assertThat(ground
            .get(() -> steps.run(SessionScript.CATALOG_DELETE, name, 1_000, 10, "by"))
            .get(0))
        .hasToString("deleted");
    assertThat(ground.exists(ground.of("s").head())).isTrue();
  }

  @Test
  @DisplayName("remembers a bounded number of turns of a session that is deleted over and over")
  void boundedGrave() {
    RedisSteps steps = new RedisSteps(ground.redis, ground.keys);
    SessionName name = new SessionName(Tenant.DEFAULT, RedisGround.id("s"));
    for (int i = 0; i < 30; i++) {
      create("s");
      ground.pend("s", ground.redisTime() + 50_000);
      String by = "by" + i;
      ground.get(() -> steps.run(SessionScript.CATALOG_DELETE, name, 1_000, 10, by));
    }

    assertThat(ground.send(Command.HLEN, ground.of("s").grave()).toInteger()).isLessThan(14);
  }

  @Test
  @DisplayName("lists a session as soon as it is made")
  void listedAtOnce() {
    create("s");

    assertThat(ground.members(ground.keys.list(RedisGround.LIST))).containsExactly("s");
  }

  @Test
  @DisplayName("counts the sessions that have not expired")
  void count() {
    List.of("a", "b", "c").forEach(this::create);
    written();
    ground.send(Command.ZADD, ground.keys.index(), ground.redisTime() - 1, "default:b");

    assertThat(ground.get(catalog::count)).isEqualTo(2);
    assertThat(catalog.isShared()).isTrue();
  }

  /** The index is written. */
  private void written() {
    ground.get(ground.index::flush);
  }

  private SessionInfo create(String session) {
    return ground.get(() -> catalog.create(
        new CreateSession(RedisGround.id(session), Tenant.DEFAULT, null, Settings.NONE, Map.of()),
        0));
  }

  private SessionInfo read(String session) {
    return ground.get(() -> catalog.read(new ReadSession(RedisGround.id(session), Tenant.DEFAULT)));
  }

  private Optional<SessionStore.Known.Pending> delete(String session) {
    return ground.get(
        () -> catalog.delete(new DeleteSession(RedisGround.id(session), Tenant.DEFAULT)));
  }

  private MessagePage messages(String session, int limit, String cursor) {
    return ground.get(() ->
        catalog.messages(new ReadMessages(RedisGround.id(session), Tenant.DEFAULT, limit, cursor)));
  }

  private SessionPage list(String namespace, int limit, String cursor) {
    return ground.get(
        () -> catalog.list(new ListSessions(Tenant.DEFAULT, namespace, limit, cursor, false)));
  }

  /** Page by page. */
  private List<String> listed(String namespace, int limit) {
    List<String> all = new ArrayList<>();
    String cursor = null;
    do {
      SessionPage page = list(namespace, limit, cursor);
      all.addAll(ids(page));
      cursor = page.nextCursor();
    } while (cursor != null);
    return all;
  }

  private static List<String> ids(SessionPage page) {
    return page.sessions().stream().map(session -> session.session().value()).toList();
  }
}
