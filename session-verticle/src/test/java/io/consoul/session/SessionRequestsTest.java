package io.consoul.session;

import static io.consoul.session.SessionNode.assertFault;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.consoul.fault.Fault;
import io.consoul.message.Accepted;
import io.consoul.message.Addresses;
import io.consoul.message.AnswerTurn;
import io.consoul.message.Answering;
import io.consoul.message.BeginTurn;
import io.consoul.message.BusMessage;
import io.consoul.message.CreateSession;
import io.consoul.message.DeleteSession;
import io.consoul.message.Deleted;
import io.consoul.message.Handlers;
import io.consoul.message.Kind;
import io.consoul.message.ListSessions;
import io.consoul.message.SessionChanged;
import io.consoul.message.SessionId;
import io.consoul.message.SessionInfo;
import io.consoul.message.SessionPage;
import io.consoul.message.Settings;
import io.consoul.message.StopAnswer;
import io.consoul.message.Tenant;
import io.consoul.message.TurnFailed;
import io.consoul.testkit.ScriptedProvider;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.junit5.VertxExtension;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(VertxExtension.class)
@DisplayName("Requests about whole sessions")
class SessionRequestsTest {

  private static final SessionId S = new SessionId("s");

  @Test
  @DisplayName("make a session whose open settings are as for new ones")
  void create(Vertx vertx) throws Exception {
    SessionNode session = SessionNode.start(
        vertx,
        new JsonObject()
            .put(
                "newSessions",
                new JsonObject()
                    .put("systemPrompt", "Be kind.")
                    .put("temperature", 1)
                    .put("model", "gpt")));
    ScriptedProvider provider = session.provider();
    Settings asked = new Settings(null, 0.1, 50);

    SessionInfo made = (SessionInfo)
        session.get(new CreateSession(S, Tenant.DEFAULT, null, asked, Map.of("colour", "blue")));
    session.get(session.turn("s", "one"));

    assertThat(made.model()).isEqualTo("gpt");
    assertThat(made.settings()).isEqualTo(new Settings("Be kind.", 0.1, 50));
    assertThat(made.metadata()).containsExactly(Map.entry("colour", "blue"));
    AnswerTurn order = provider.received().await(AnswerTurn.class);
    assertThat(order.settings()).isEqualTo(made.settings());
    assertThat(order.model()).isEqualTo("gpt");
    assertFault(Fault.SESSION_EXISTS, session.ask(create("s")));
  }

  @Test
  @DisplayName("delete one in mid-turn: its provider stops, those that wait fail, nothing is left")
  void deleteInMidTurn(Vertx vertx) throws Exception {
    SessionNode session =
        SessionNode.start(vertx, new JsonObject().put("queuedIntervalMillis", 50));
    ScriptedProvider provider = session.provider();
    BeginTurn running = session.turn("s", "one");
    Accepted accepted = session.accepted(running);
    BeginTurn waiting = session.turn("s", "two");
    session.get(waiting);

    assertThat(session.get(new DeleteSession(S, Tenant.DEFAULT))).isEqualTo(new Deleted(S));

    assertThat(session.load()).isZero();
    StopAnswer stop = provider.received().await(StopAnswer.class);
    assertThat(stop.turn()).isEqualTo(running.turn());
    assertThat(stop.fence()).isEqualTo(accepted.fence());
    assertThat(stop.reason().fault()).isEqualTo(Fault.SESSION_NOT_FOUND);
    TurnFailed failed = session.gateway.received().await(TurnFailed.class);
    assertThat(failed.turn()).isEqualTo(waiting.turn());
    assertThat(failed.failure().fault()).isEqualTo(Fault.SESSION_NOT_FOUND);
    AnswerTurn order = provider.received().await(AnswerTurn.class);
    assertFault(Fault.SESSION_NOT_FOUND, provider.progress(order, 0, "late"));
    assertFault(Fault.SESSION_NOT_FOUND, session.ask(running));
    assertFault(Fault.SESSION_NOT_FOUND, session.ask(new DeleteSession(S, Tenant.DEFAULT)));
    Accepted fresh = session.accepted(session.turn("s", "three"));
    assertThat(fresh.fence()).isGreaterThan(accepted.fence());
    assertThat(provider.received().all(AnswerTurn.class).get(1).history()).hasSize(1);
  }

  @Test
  @DisplayName("delete one whose turn is being handed over: who takes it is told to stop")
  void deleteDuringHandover(Vertx vertx) throws Exception {
    SessionNode session = SessionNode.start(vertx, new JsonObject());
    Promise<Answering> taking = Promise.promise();
    ScriptedProvider provider = session.provider().onAnswer(order -> taking.future());
    Future<BusMessage> begun = session.ask(session.turn("s", "one"));
    AnswerTurn order = provider.received().await(AnswerTurn.class);

    session.get(new DeleteSession(S, Tenant.DEFAULT));
    assertFault(Fault.SESSION_NOT_FOUND, begun);
    assertThat(provider.received().all(StopAnswer.class)).isEmpty();
    taking.complete(new Answering(order.turn(), order.fence(), "model", provider.inbox()));

    assertThat(provider.received().await(StopAnswer.class).turn()).isEqualTo(order.turn());
    assertFault(Fault.SESSION_NOT_FOUND, () -> session.read("s"));
  }

  @Test
  @DisplayName("list the sessions of all instances of the node, whichever is asked")
  void listOverInstances(Vertx vertx) throws Exception {
    SessionNode session = SessionNode.start(vertx, new JsonObject().put("instances", 3));
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      session.get(create("app:" + (char) ('a' + i)));
      expected.add("app:" + (char) ('a' + i));
    }
    session.get(create("other"));

    for (var instance : session.node.directory().serving(Kind.SESSION)) {
      List<SessionInfo> all = new ArrayList<>();
      String cursor = null;
      do {
        SessionPage page = list(session, instance.inbox(), "app", cursor, false);
        assertThat(page.sessions()).hasSizeLessThanOrEqualTo(6);
        all.addAll(page.sessions());
        cursor = page.nextCursor();
      } while (cursor != null);

      assertThat(ids(all)).containsExactlyInAnyOrderElementsOf(expected);
      assertThat(all)
          .isSortedAccordingTo((one, two) -> ListPosition.of(one).compareTo(ListPosition.of(two)));
      assertThat(list(session, instance.inbox(), null, null, true).sessions())
          .hasSizeLessThan(expected.size());
    }
  }

  @Test
  @DisplayName("list the sessions of one owner, whichever instances hold them, also in JSON")
  void listOfAnOwner(Vertx vertx) throws Exception {
    SessionNode session = SessionNode.start(vertx, new JsonObject().put("instances", 3));
    session.provider().sealingWith(order -> "eins");
    JsonObject mine = new JsonObject().put("owner", "key-1");
    for (int i = 0; i < 6; i++) {
      ask(session, Addresses.SESSION_CREATE, mine.copy().put("session", "made" + i));
    }
    JsonObject listener = new JsonObject().put("inbox", "outside");
    JsonObject begin = new JsonObject().put("text", "one").put("listener", listener);
    ask(session, Addresses.SESSION_TURN, begin.copy().put("session", "said").mergeIn(mine));
    ask(session, Addresses.SESSION_TURN, begin.copy().put("session", "made0"));
    session.get(create("of all"));

    for (int i = 0; i < 3; i++) {
      assertThat(ask(session, Addresses.SESSION_LIST, mine).getJsonArray("sessions"))
          .extracting(each -> ((JsonObject) each).getString("session"))
          .containsExactlyInAnyOrder("said", "made0", "made1", "made2", "made3", "made4", "made5");
      assertThat(ask(session, Addresses.SESSION_LIST, new JsonObject()).getJsonArray("sessions"))
          .hasSize(1);
    }
  }

  @Test
  @DisplayName(
      "tell that there are more sessions than the page holds, also when all are of one instance")
  void listOfOneInstance(Vertx vertx) throws Exception {
    SessionNode session = SessionNode.start(vertx, new JsonObject());
    for (int i = 0; i < 7; i++) {
      session.get(create("s" + i));
    }
    String inbox = session.node.directory().pick(Kind.SESSION).orElseThrow().inbox();

    SessionPage first = list(session, inbox, null, null, false);

    assertThat(first.sessions()).hasSize(6);
    SessionPage second = list(session, inbox, null, first.nextCursor(), false);
    assertThat(second.sessions()).hasSize(1);
    assertThat(second.nextCursor()).isNull();
  }

  @Test
  @DisplayName("fail a list with E110 when a part of it cannot be had")
  void listWithoutAnInstance(Vertx vertx) throws Exception {
    SessionNode session = SessionNode.start(vertx, new JsonObject());
    String inbox = session.node.directory().pick(Kind.SESSION).orElseThrow().inbox();
    session.node.directory().join(Kind.SESSION); // one that serves no inbox

    Future<BusMessage> listed = session
        .node
        .bus()
        .ask(
            Kind.SESSION,
            inbox,
            new ListSessions(Tenant.DEFAULT, null, 10, null, false),
            SessionNode.SOON);

    assertFault(Fault.SESSION_STORAGE_UNAVAILABLE, listed);
  }

  @Test
  @DisplayName("are answered on the public addresses by any instance, also in JSON")
  void publicAddresses(Vertx vertx) throws Exception {
    SessionNode session = SessionNode.start(vertx, new JsonObject().put("instances", 3));
    ScriptedProvider provider = session.provider().sealingWith(order -> "eins");
    for (int i = 0; i < 3; i++) { // the bus asks one instance after the other
      JsonObject id = new JsonObject().put("session", "s" + i);
      assertThat(ask(session, Addresses.SESSION_CREATE, id).getString("session"))
          .isEqualTo("s" + i);
      JsonObject listener = new JsonObject().put("inbox", "outside");
      JsonObject begin = id.copy().put("text", "one").put("listener", listener);
      String turn = ask(session, Addresses.SESSION_TURN, begin).getString("turn");
      for (int again = 0; again < 3; again++) {
        assertThat(ask(session, Addresses.SESSION_GET, id).getInteger("turns")).isEqualTo(1);
        assertThat(ask(session, Addresses.SESSION_MESSAGES, id).getJsonArray("messages"))
            .hasSize(2);
        JsonObject attach =
            new JsonObject().put("turn", turn).put("after", 1).put("listener", listener);
        assertThat(ask(session, Addresses.SESSION_ATTACH, attach).getString("text"))
            .isEqualTo("ins");
        assertThat(ask(session, Addresses.SESSION_CANCEL, id).getString("type"))
            .isEqualTo("turn.cancelled");
        JsonArray sessions =
            ask(session, Addresses.SESSION_LIST, new JsonObject()).getJsonArray("sessions");
        assertThat(sessions).hasSize(i + 1);
      }
    }
    IntStream.range(0, 3).forEach(i -> {
      JsonObject id = new JsonObject().put("session", "s" + i);
      assertThat(ask(session, Addresses.SESSION_DELETE, id).getString("session"))
          .isEqualTo("s" + i);
      assertThat(ask(session, Addresses.SESSION_GET, id).getString("code")).isEqualTo("E100");
    });
    assertThat(provider.received().all(AnswerTurn.class)).hasSize(3);
  }

  @Test
  @DisplayName("are told to the cluster when a session has come or gone")
  void changes(Vertx vertx) throws Exception {
    SessionNode session = SessionNode.start(vertx, new JsonObject());
    List<SessionChanged> changes = new CopyOnWriteArrayList<>();
    session
        .node
        .bus()
        .serve(Addresses.EVENTS_SESSION, new Handlers().onEvent(SessionChanged.class, changes::add))
        .completion()
        .await(20, SECONDS);

    session.get(create("s"));
    session.get(new DeleteSession(S, Tenant.DEFAULT));

    await()
        .untilAsserted(() -> assertThat(changes)
            .containsExactly(
                new SessionChanged(S, Tenant.DEFAULT, SessionChanged.Change.CREATED),
                new SessionChanged(S, Tenant.DEFAULT, SessionChanged.Change.DELETED)));
  }

  private static CreateSession create(String session) {
    return new CreateSession(new SessionId(session), Tenant.DEFAULT, null, Settings.NONE, Map.of());
  }

  private static SessionPage list(
      SessionNode session, String inbox, String namespace, String cursor, boolean own)
      throws Exception {
    return session
        .node
        .bus()
        .ask(
            Kind.SESSION,
            inbox,
            new ListSessions(Tenant.DEFAULT, namespace, 6, cursor, own),
            SessionPage.class,
            SessionNode.SOON)
        .await(20, SECONDS);
  }

  private static List<String> ids(List<SessionInfo> sessions) {
    return sessions.stream().map(session -> session.session().value()).toList();
  }

  private static JsonObject ask(SessionNode session, String address, JsonObject request) {
    try {
      return (JsonObject) session
          .vertx
          .eventBus()
          .request(address, request.copy())
          .await(20, SECONDS)
          .body();
    } catch (TimeoutException late) {
      throw new AssertionError("no answer on " + address, late);
    }
  }
}
