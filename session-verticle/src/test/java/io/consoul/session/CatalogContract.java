package io.consoul.session;

import static io.consoul.session.SessionNode.assertFault;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.fault.Fault;
import io.consoul.message.BeginTurn;
import io.consoul.message.CreateSession;
import io.consoul.message.ListSessions;
import io.consoul.message.MessagePage;
import io.consoul.message.Owner;
import io.consoul.message.ReadMessages;
import io.consoul.message.SessionChanged;
import io.consoul.message.SessionId;
import io.consoul.message.SessionInfo;
import io.consoul.message.SessionPage;
import io.consoul.message.Settings;
import io.consoul.message.Tenant;
import io.consoul.message.Usage;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What the catalog of every store does. */
abstract class CatalogContract extends StoreContract {

  /** So that one thing is later than another. */
  private static final Duration MOMENT = Duration.ofMillis(5);

  private static final Owner ONE = new Owner("key-1");
  private static final Owner OTHER = new Owner("key-2");
  private static final Settings BRIEF = new Settings("Be brief.", 0.5, 100);

  /** With leases that a slow machine does not outlast. */
  @Override
  @BeforeEach
  void openStore() {
    fixture = opened(new JsonObject().put("ttlSeconds", 100).put("leaseSeconds", 10));
  }

  @Test
  @DisplayName("makes a session that stays, though its first turn leaves no trace")
  void create() {
    SessionInfo made = fixture.create("s", "gpt", BRIEF);
    assertThat(made.created()).isEqualTo(fixture.now());
    assertThat(made.turns()).isZero();
    BeginTurn turn = fixture.turn("s", "one");

    var granted = fixture.granted(turn);
    fixture.abort(turn, granted.lease());

    assertThat(granted.model()).isEqualTo("gpt");
    assertThat(granted.settings()).isEqualTo(BRIEF);
    assertThat(fixture.read("s").turns()).isZero();
    assertFault(Fault.SESSION_EXISTS, () -> fixture.create("s"));
  }

  @Test
  @DisplayName("lets the first turn choose the model of a session that was made without one")
  void modelOfTheFirstTurn() {
    fixture.create("s");

    assertThat(fixture.granted(fixture.turn("s", "one", "gpt")).model()).isEqualTo("gpt");
  }

  @Test
  @DisplayName("tells what there is of a session: its turns, their usage, their times")
  void read() {
    Instant created = fixture.now();
    fixture.say("s", "one", "eins");
    fixture.pass(MOMENT);
    fixture.say("s", "two", "zwei");
    fixture.pass(MOMENT);
    BeginTurn running = fixture.turn("s", "three");
    fixture.granted(running);

    SessionInfo read = fixture.read("s");
    assertThat(read)
        .isEqualTo(new SessionInfo(
            new SessionId("s"),
            "provider-1/model-1",
            created,
            created.plus(MOMENT),
            read.expires(),
            2,
            new Usage(2, 2, 0, false),
            Settings.NONE,
            Map.of(),
            running.turn()));
  }

  @Test
  @DisplayName("knows no session that is expired, was never there, or is another tenant's")
  void unknown() {
    fixture.create("s");
    fixture.pass(Duration.ofSeconds(101));

    assertFault(Fault.SESSION_NOT_FOUND, () -> fixture.read("s"));
    assertFault(Fault.SESSION_NOT_FOUND, () -> fixture.delete("s"));
    assertFault(Fault.SESSION_NOT_FOUND, () -> messages(fixture, "s", 10, null));
    fixture.create("s");
    assertFault(
        Fault.SESSION_NOT_FOUND,
        () -> StoreFixture.get(fixture.catalog.messages(
            new ReadMessages(new SessionId("s"), new Tenant("other"), 10, null))));
  }

  @Test
  @DisplayName("gives the messages page by page, oldest first")
  void messages() {
    for (int i = 0; i < 3; i++) {
      fixture.say("s", "question " + i, "answer " + i);
    }
    List<String> read = new ArrayList<>();
    String cursor = null;
    do {
      MessagePage page = messages("s", 4, cursor);
      page.messages().forEach(entry -> read.add(entry.message().content()));
      cursor = page.nextCursor();
    } while (cursor != null);

    assertThat(read)
        .containsExactly(
            "question 0", "answer 0", "question 1", "answer 1", "question 2", "answer 2");
    MessagePage.Entry answer = messages("s", 2, null).messages().get(1);
    assertThat(answer.model()).isEqualTo("model-1");
    assertThat(answer.usage()).isEqualTo(new Usage(1, 1, 0, false));
    assertThat(messages("s", 6, null).nextCursor()).isNull();
  }

  @Test
  @DisplayName("ends a page of long messages early, and never before its first message")
  void longMessages() {
    String half = "x".repeat(600_000);
    fixture.say("s", "one", half + half);
    fixture.say("s", "two", half);

    MessagePage first = messages("s", 10, null);
    MessagePage second = messages("s", 10, first.nextCursor());
    MessagePage third = messages("s", 10, second.nextCursor());

    assertThat(first.messages()).hasSize(1);
    assertThat(second.messages()).hasSize(1);
    assertThat(third.messages()).hasSize(2);
    assertThat(third.nextCursor()).isNull();
  }

  @Test
  @DisplayName("refuses a cursor that it has not made, naming the field")
  void cursors() {
    fixture.say("s", "one", "eins");
    fixture.say("t", "one", "eins");
    String ofMessages = messages("s", 1, null).nextCursor();
    String ofSessions = fixture.list(null, 1, null).nextCursor();

    for (String cursor : List.of("", "!", encoded("m-1"), encoded("m4294967295"), ofSessions)) {
      assertFault(Fault.FIELD_VALIDATION_FAILED, () -> messages("s", 1, cursor));
    }
    for (String cursor : List.of("", "!", encoded("sx:y"), encoded("s1"), ofMessages)) {
      assertFault(Fault.FIELD_VALIDATION_FAILED, () -> fixture.list(null, 1, cursor));
    }
  }

  @Test
  @DisplayName("lists a tenant's sessions, the newest first, those of one moment by id")
  void list() {
    fixture.say("b", "one", "eins");
    fixture.say("a", "one", "eins");
    fixture.pass(MOMENT);
    fixture.create("c");
    StoreFixture.get(fixture.catalog.create(
        new CreateSession(
            new SessionId("theirs"), new Tenant("other"), null, Settings.NONE, Map.of()),
        0));
    fixture.pass(MOMENT);
    fixture.say("b", "two", "zwei");

    assertThat(ids(fixture.list(null, 10, null))).containsExactly("c", "a", "b");
    SessionPage first = fixture.list(null, 2, null);
    assertThat(ids(first)).containsExactly("c", "a");
    assertThat(ids(fixture.list(null, 2, first.nextCursor()))).containsExactly("b");
    assertThat(fixture.list(null, 2, first.nextCursor()).nextCursor()).isNull();
    assertThat(fixture.list(null, 3, null).nextCursor()).isNull();
    assertThat(StoreFixture.get(
                fixture.catalog.list(new ListSessions(new Tenant("nobody"), null, 10, null, true)))
            .sessions())
        .isEmpty();
  }

  @Test
  @DisplayName(
      "lists a session with whoever made it, by its first turn too, and with nobody else, whoever goes on in it")
  void listOfAnOwner() {
    fixture.say("a:said", "one", "eins", ONE);
    fixture.pass(MOMENT);
    fixture.create("a:made", ONE);
    fixture.create("b", OTHER);
    fixture.create("of all");
    fixture.say("a:said", "two", "zwei", OTHER);
    fixture.say("b", "one", "eins");
    fixture.say("of all", "one", "eins", ONE);

    assertThat(fixture.list(ONE)).containsExactly("a:made", "a:said");
    assertThat(fixture.list(OTHER)).containsExactly("b");
    assertThat(fixture.list((Owner) null)).containsExactly("of all");
    assertThat(fixture.list(new Owner("nobody"))).isEmpty();
    SessionPage first = fixture.list(ONE, "a", 1, null);
    assertThat(ids(fixture.list(ONE, "a", 1, first.nextCursor()))).containsExactly("a:said");
    assertThat(StoreFixture.get(fixture.catalog.count())).isEqualTo(4);
    assertThat(fixture.read("a:said").turns()).isEqualTo(2);
  }

  @Test
  @DisplayName(
      "lists no session with its owner that was deleted or has expired, nor the next one of its name")
  void leavesTheListOfItsOwner() {
    fixture.create("expired", ONE);
    fixture.create("swept", ONE);
    fixture.indexed();
    fixture.pass(Duration.ofSeconds(101));
    fixture.create("expired", OTHER);
    fixture.create("deleted", ONE);
    fixture.indexed();
    fixture.delete("deleted");
    fixture.create("deleted", OTHER);
    fixture.create("deleted for good", ONE);
    fixture.delete("deleted for good");

    assertThat(fixture.list(ONE)).isEmpty();
    assertThat(fixture.list(OTHER)).containsExactlyInAnyOrder("expired", "deleted");
    boolean more = true;
    while (more) {
      more = StoreFixture.get(fixture.store.sweep(100, false)).more();
    }
    assertThat(fixture.list(ONE)).isEmpty();
    assertThat(StoreFixture.get(fixture.catalog.count())).isEqualTo(2);
  }

  @Test
  @DisplayName("goes on behind its cursor, whatever came or went meanwhile")
  void listInMotion() {
    for (String session : List.of("a", "b", "c", "d")) {
      fixture.create(session);
      fixture.pass(MOMENT);
    }
    SessionPage first = fixture.list(null, 2, null);
    fixture.create("e");
    fixture.delete("c");

    assertThat(ids(first)).containsExactly("d", "c");
    assertThat(ids(fixture.list(null, 2, first.nextCursor()))).containsExactly("b", "a");
  }

  @Test
  @DisplayName("lists a namespace by what stands before a colon, and never a part of a word")
  void namespace() {
    List.of("app:1", "app:2:x", "apple:1", "app", "other:1").forEach(fixture::create);

    assertThat(ids(fixture.list("app", 10, null))).containsExactly("app:1", "app:2:x");
    assertThat(ids(fixture.list("app:", 10, null))).containsExactly("app:1", "app:2:x");
    assertThat(ids(fixture.list("app:2", 10, null))).containsExactly("app:2:x");
    SessionPage page = fixture.list("app", 1, null);
    assertThat(ids(fixture.list("app", 1, page.nextCursor()))).containsExactly("app:2:x");
  }

  @Test
  @DisplayName("lists no session whose time is over, before and after it is swept")
  void expiredNotListed() {
    fixture.create("old");
    fixture.pass(Duration.ofSeconds(50));
    fixture.create("young");
    fixture.pass(Duration.ofSeconds(51));

    assertThat(ids(fixture.list(null, 10, null))).containsExactly("young");
    StoreFixture.get(fixture.store.sweep(10, false));
    assertThat(ids(fixture.list(null, 10, null))).containsExactly("young");
  }

  @Test
  @DisplayName("deletes a session with all that was in it; the next one of its name knows nothing")
  void delete() {
    BeginTurn turn = fixture.turn("s", "one");
    var lease = fixture.granted(turn).lease();
    fixture.seal(turn, lease, "eins");

    assertThat(fixture.delete("s")).isEmpty();

    assertThat(ids(fixture.list(null, 10, null))).isEmpty();
    assertFault(Fault.SESSION_NOT_FOUND, () -> fixture.find(turn, 0, 10));
    var granted = fixture.granted(fixture.turn("s", "two"));
    assertThat(granted.history()).hasSize(1);
    assertThat(granted.lease().fence()).isGreaterThan(lease.fence());
  }

  @Test
  @DisplayName("deletes a session in mid-turn: who holds the turn can write no more, ever")
  void deleteInMidTurn() {
    BeginTurn turn = fixture.turn("s", "one");
    var lease = fixture.granted(turn).lease();

    assertThat(fixture.delete("s"))
        .contains(new SessionStore.Known.Pending(
            turn.turn(), lease.fence(), "provider", turn.listener()));

    assertWritesNothing(turn, lease);
    assertThat(fixture.exists("s")).isFalse();
    fixture.say("s", "two", "zwei");
    assertWritesNothing(turn, lease);
    assertThat(fixture.history("s")).containsExactly("user two", "assistant zwei");
  }

  @Test
  @DisplayName(
      "does not run a turn again whose session was deleted under it, also when that was made anew")
  void buried() {
    BeginTurn turn = fixture.turn("s", "one");
    fixture.granted(turn);
    fixture.delete("s");

    assertFault(Fault.SESSION_NOT_FOUND, () -> fixture.begin(turn));
    fixture.create("s");
    assertFault(Fault.SESSION_NOT_FOUND, () -> fixture.begin(turn));
    assertFault(Fault.SESSION_NOT_FOUND, () -> StoreFixture.get(fixture.store.standing(turn)));
    assertThat(fixture.begin(fixture.turn("s", "one")))
        .isInstanceOf(SessionStore.Begun.Granted.class);
  }

  @Test
  @DisplayName("tells of each session that comes to stay, once, and of each that is deleted")
  void changes() {
    fixture.create("created");
    fixture.say("created", "one", "eins");
    fixture.say("said", "one", "eins");
    fixture.say("said", "two", "zwei");
    BeginTurn aborted = fixture.turn("passing", "one");
    fixture.abort(aborted, fixture.granted(aborted).lease());
    fixture.granted(fixture.turn("deleted too early", "one"));
    fixture.delete("deleted too early");
    assertThat(told()).containsExactly("created CREATED", "said CREATED");

    fixture.changes.clear();
    fixture.delete("said");
    assertThat(told()).containsExactly("said DELETED");
  }

  @Test
  @DisplayName("ends a turn whose provider is gone before it looks at the session")
  void lapsed() {
    StoreFixture fixture = opened(new JsonObject().put("ttlSeconds", 100));
    fixture.say("s", "one", "eins");
    BeginTurn turn = fixture.turn("s", "two");
    fixture.progress(turn, fixture.granted(turn).lease(), 0, "zw");
    fixture.granted(fixture.turn("silent", "one"));
    fixture.lapse();

    assertThat(messages(fixture, "s", 10, null).messages()).hasSize(4);
    assertThat(fixture.read("s").turnInProgress()).isNull();
    assertFault(Fault.SESSION_NOT_FOUND, () -> fixture.read("silent"));
    assertFault(Fault.SESSION_EXISTS, () -> fixture.create("s"));
    assertThat(fixture.delete("s")).isEmpty();
  }

  @Test
  @DisplayName("counts the sessions that have not expired")
  void count() {
    fixture.create("a");
    fixture.say("b", "one", "eins");
    fixture.indexed();
    assertThat(StoreFixture.get(fixture.catalog.count())).isEqualTo(2);

    fixture.delete("a");
    fixture.indexed();
    assertThat(StoreFixture.get(fixture.catalog.count())).isEqualTo(1);
    fixture.pass(Duration.ofSeconds(101));
    StoreFixture.get(fixture.store.sweep(10, false));
    assertThat(StoreFixture.get(fixture.catalog.count())).isZero();
  }

  private void assertWritesNothing(BeginTurn turn, SessionStore.Lease lease) {
    assertFault(Fault.SESSION_NOT_FOUND, () -> fixture.progress(turn, lease, 0, "late"));
    assertFault(Fault.SESSION_NOT_FOUND, () -> fixture.seal(turn, lease, "late"));
    assertFault(Fault.SESSION_NOT_FOUND, () -> fixture.abort(turn, lease));
    assertFault(Fault.SESSION_NOT_FOUND, () -> fixture.find(turn, 0, 10));
  }

  private MessagePage messages(String session, int limit, String cursor) {
    return messages(fixture, session, limit, cursor);
  }

  private static MessagePage messages(
      StoreFixture fixture, String session, int limit, String cursor) {
    return StoreFixture.get(fixture.catalog.messages(
        new ReadMessages(new SessionId(session), Tenant.DEFAULT, limit, cursor)));
  }

  private static String encoded(String position) {
    return Base64.getUrlEncoder().encodeToString(position.getBytes(UTF_8));
  }

  final List<String> told() {
    return fixture.changes.stream().map(CatalogContract::line).toList();
  }

  static String line(SessionChanged change) {
    return change.session() + " " + change.change();
  }

  static List<String> ids(SessionPage page) {
    return page.sessions().stream().map(session -> session.session().value()).toList();
  }
}
