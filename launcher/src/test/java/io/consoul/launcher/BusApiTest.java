package io.consoul.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.message.Accepted;
import io.consoul.message.Addresses;
import io.consoul.message.Answering;
import io.consoul.message.AttachTurn;
import io.consoul.message.BeginTurn;
import io.consoul.message.BusMessage;
import io.consoul.message.CancelTurn;
import io.consoul.message.Cancelled;
import io.consoul.message.ChatMessage;
import io.consoul.message.CompleteChat;
import io.consoul.message.Completed;
import io.consoul.message.CreateSession;
import io.consoul.message.DeleteSession;
import io.consoul.message.Deleted;
import io.consoul.message.Delta;
import io.consoul.message.FinishReason;
import io.consoul.message.GcRun;
import io.consoul.message.GcStatus;
import io.consoul.message.Kind;
import io.consoul.message.ListModels;
import io.consoul.message.ListSessions;
import io.consoul.message.MessagePage;
import io.consoul.message.ModelList;
import io.consoul.message.Queued;
import io.consoul.message.ReadGcStatus;
import io.consoul.message.ReadMessages;
import io.consoul.message.ReadSession;
import io.consoul.message.Replayed;
import io.consoul.message.RunGc;
import io.consoul.message.SessionId;
import io.consoul.message.SessionInfo;
import io.consoul.message.SessionPage;
import io.consoul.message.Settings;
import io.consoul.message.Tenant;
import io.consoul.message.TurnId;
import io.consoul.testkit.FakeProvider;
import io.consoul.testkit.ListeningInbox;
import io.consoul.testkit.Script;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** docs/event-bus.md, from outside: no gateway is deployed. */
@DisplayName("Another application on the event bus")
class BusApiTest {

  /** Longer than what asks in a node would wait: the machine may be slow just now. */
  private static final Duration IN_TIME = Duration.ofSeconds(20);

  private static FakeProvider openAi;
  private static Deployed deployed;

  @BeforeAll
  static void start() {
    deployed = new Deployed();
    openAi = Deployed.get(FakeProvider.start(deployed.vertx));
    deployed
        .session(new JsonObject())
        .session(new JsonObject())
        .provider(new JsonObject()
            .put("echo", new JsonObject().put("delayMillis", 1))
            .put("openai", new JsonObject().put("baseUrl", openAi.baseUrl())))
        .gc(new JsonObject()
            .put("orphanIntervalSeconds", 60)); // no run comes between those of a test
  }

  @AfterAll
  static void stop() {
    deployed.close();
  }

  private static <R extends BusMessage> R ask(
      Kind to, String address, BusMessage request, Class<R> reply) {
    return Deployed.get(deployed.node.bus().ask(to, address, request, reply, IN_TIME));
  }

  /** On a machine that is slow just now it is told to wait first. */
  private static Accepted begin(BeginTurn begin, ListeningInbox inbox) {
    BusMessage reply = ask(Kind.SESSION, Addresses.SESSION_TURN, begin, BusMessage.class);
    return reply instanceof Queued ? inbox.received().await(Accepted.class) : (Accepted) reply;
  }

  /** Asks again where it is told to: a provider that is slow just now counts as one that says nothing. */
  private static Accepted attach(AttachTurn attach) {
    return (Accepted) await()
        .ignoreExceptionsInstanceOf(FaultException.class)
        .until(
            () -> ask(Kind.SESSION, Addresses.SESSION_ATTACH, attach, BusMessage.class),
            Accepted.class::isInstance);
  }

  private static JsonObject ask(String address, JsonObject request) {
    return Deployed.get(deployed.vertx.eventBus().<JsonObject>request(address, request))
        .body();
  }

  private static TurnId mint(String session) {
    return TurnId.mint(new SessionId(session), new SecureRandom());
  }

  private static ListeningInbox inbox() {
    return Deployed.get(ListeningInbox.open(deployed.node.bus()));
  }

  @Test
  @DisplayName("chats with records, attaches again, and reads what is stored")
  void chatsWithRecords() {
    Promise<Void> release = Promise.promise();
    openAi.script("slow", Script.text("Good ", "morning").heldAfter(1, release.future()));
    ListeningInbox first = inbox();
    TurnId turn = mint("records");
    Accepted accepted =
        begin(new BeginTurn(turn, Tenant.DEFAULT, "Hello", "slow", first.listener()), first);
    first.creditingTo(accepted.providerInbox());
    assertThat(accepted.turn()).isEqualTo(turn);
    first.received().await(Delta.class);

    ListeningInbox second = inbox();
    AttachTurn attach = new AttachTurn(turn, Tenant.DEFAULT, 2, second.listener());
    assertThat(attach(attach)).isEqualTo(accepted);
    release.complete();
    Completed completed = first.received().await(Completed.class);
    second.received().await(Completed.class);
    assertThat(first.text(turn)).isEqualTo("Good morning");
    assertThat(second.received().all(Delta.class).get(0).offset()).isEqualTo(2);

    Replayed replayed = ask(Kind.SESSION, Addresses.SESSION_ATTACH, attach, Replayed.class);
    assertThat(replayed.text()).isEqualTo("od morning");
    assertThat(replayed.isLast()).isTrue();
    assertThat(((Completed) replayed.end()).usage()).isEqualTo(completed.usage());
    MessagePage page = ask(
        Kind.SESSION,
        Addresses.SESSION_MESSAGES,
        new ReadMessages(turn.session(), Tenant.DEFAULT, 10, null),
        MessagePage.class);
    assertThat(page.messages())
        .extracting(entry -> entry.message().content())
        .containsExactly("Hello", "Good morning");
  }

  @Test
  @DisplayName("chats and attaches in plain JSON, with no class of ours")
  void chatsInJson() {
    Promise<Void> release = Promise.promise();
    openAi.script("slow-json", Script.text("Good ", "morning").heldAfter(1, release.future()));
    List<JsonObject> events = new CopyOnWriteArrayList<>();
    Deployed.get(deployed
        .vertx
        .eventBus()
        .<JsonObject>consumer("app.inbox", message -> events.add(message.body()))
        .completion());
    JsonObject listener = new JsonObject().put("inbox", "app.inbox").put("id", 42);
    JsonObject accepted = ask(
        "consoul.session.turn",
        new JsonObject()
            .put("session", "json")
            .put("text", "Hello")
            .put("model", "slow-json")
            .put("listener", listener));
    if (accepted.getString("type").equals("turn.queued")) { // on a machine that is slow just now
      await().until(() -> type(events, "turn.accepted") != null);
      accepted = type(events, "turn.accepted");
    }
    assertThat(accepted.getString("type")).isEqualTo("turn.accepted");
    await().until(() -> type(events, "turn.delta") != null);
    deployed
        .vertx
        .eventBus()
        .send(
            accepted.getString("provider_inbox"),
            new JsonObject()
                .put("type", "turn.credit")
                .put("turn", accepted.getString("turn"))
                .put("fence", accepted.getLong("fence"))
                .put("inbox", "app.inbox")
                .put("listener_id", 42)
                .put("up_to", 5));
    JsonObject attach = new JsonObject()
        .put("turn", accepted.getString("turn"))
        .put("after", 2)
        .put("listener", listener.copy().put("id", 43));
    await() // as above: a provider that is slow just now counts as one that says nothing
        .until(
            () -> ask("consoul.session.attach", attach).getString("type").equals("turn.accepted"));
    release.complete();
    await()
        .until(() -> events.stream()
                .filter(event -> event.getString("type").equals("turn.completed"))
                .count()
            == 2);

    assertThat(text(events, 42)).isEqualTo("Good morning");
    assertThat(text(events, 43)).isEqualTo("od morning");
    JsonObject replayed = ask(
        "consoul.session.attach",
        new JsonObject().put("turn", accepted.getString("turn")).put("listener", listener));
    assertThat(replayed.getString("type")).isEqualTo("turn.replayed");
    assertThat(replayed.getString("text")).isEqualTo("Good morning");
    assertThat(replayed.getJsonObject("end").getString("type")).isEqualTo("turn.completed");
  }

  @Test
  @DisplayName("stops a turn and keeps what was said")
  void cancels() {
    openAi.script("endless", Script.text("Good ", "morning").hangAfter(1));
    ListeningInbox inbox = inbox();
    TurnId turn = mint("cancels");
    begin(new BeginTurn(turn, Tenant.DEFAULT, "Hello", "endless", inbox.listener()), inbox);
    inbox.received().await(Delta.class);

    assertThat(ask("consoul.session.cancel", new JsonObject().put("session", "cancels")))
        .isEqualTo(new JsonObject().put("type", "turn.cancelled").put("turn", turn.value()));
    assertThat(inbox.received().await(Completed.class).finishReason())
        .isEqualTo(FinishReason.CANCELLED);
    assertThat(ask(
                Kind.SESSION,
                Addresses.SESSION_CANCEL,
                new CancelTurn(turn.session(), Tenant.DEFAULT, turn),
                Cancelled.class)
            .turn())
        .isNull();
  }

  @Test
  @DisplayName("makes, reads, lists and deletes sessions, whichever instance owns them")
  void sessions() {
    List<SessionId> ids = List.of("shop:1", "shop:2", "shop:3", "shop:4").stream()
        .map(SessionId::new)
        .toList();
    for (SessionId id : ids) {
      SessionInfo made = ask(
          Kind.SESSION,
          Addresses.SESSION_CREATE,
          new CreateSession(id, Tenant.DEFAULT, "echo", Settings.NONE, Map.of("k", "v")),
          SessionInfo.class);
      assertThat(made.session()).isEqualTo(id);
    }
    SessionPage page = ask(
        Kind.SESSION,
        Addresses.SESSION_LIST,
        new ListSessions(Tenant.DEFAULT, "shop", 3, null, false),
        SessionPage.class);
    JsonObject rest = ask(
        "consoul.session.list",
        new JsonObject().put("namespace", "shop").put("cursor", page.nextCursor()));
    assertThat(page.sessions()).hasSize(3);
    assertThat(rest.getJsonArray("sessions").size()).isEqualTo(1);
    assertThat(rest.getValue("next_cursor")).isNull();

    ask(
        Kind.SESSION,
        Addresses.SESSION_DELETE,
        new DeleteSession(ids.get(0), Tenant.DEFAULT),
        Deleted.class);
    JsonObject gone = ask("consoul.session.get", new JsonObject().put("session", "shop:1"));
    assertThat(gone.getString("type")).isEqualTo("failed");
    assertThat(gone.getString("code")).isEqualTo("E100");
    assertThat(ask(
                Kind.SESSION,
                Addresses.SESSION_GET,
                new ReadSession(ids.get(1), Tenant.DEFAULT),
                SessionInfo.class)
            .metadata())
        .isEqualTo(Map.of("k", "v"));
  }

  @Test
  @DisplayName("does not see the sessions of another tenant")
  void tenants() {
    ask(
        Kind.SESSION,
        Addresses.SESSION_CREATE,
        new CreateSession(new SessionId("mine"), new Tenant("acme"), null, Settings.NONE, Map.of()),
        SessionInfo.class);
    JsonObject other = ask("consoul.session.get", new JsonObject().put("session", "mine"));
    assertThat(other.getString("code")).isEqualTo("E100");
  }

  @Test
  @DisplayName("hears of sessions that come and go, in plain JSON")
  void sessionEvents() {
    List<JsonObject> events = new CopyOnWriteArrayList<>();
    Deployed.get(deployed
        .vertx
        .eventBus()
        .<JsonObject>consumer("consoul.events.session", message -> events.add(message.body()))
        .completion());
    JsonObject session = new JsonObject().put("session", "heard-of");
    ask("consoul.session.create", session);
    ask("consoul.session.delete", session);
    await()
        .untilAsserted(() -> assertThat(events)
            .filteredOn(event -> event.getString("session").equals("heard-of"))
            .extracting(event -> event.getString("type") + " " + event.getString("change"))
            .containsExactly("session.changed created", "session.changed deleted"));
  }

  @Test
  @DisplayName("asks a model without a session, and pays it with credits")
  void completes() {
    String answer = "0123456789".repeat(100);
    openAi.script("long", Script.text(answer));
    ListeningInbox inbox = inbox();
    TurnId turn = mint("none");
    Answering answering = ask(
        Kind.PROVIDER,
        Addresses.PROVIDER_COMPLETE,
        new CompleteChat(
            turn,
            Tenant.DEFAULT,
            "long",
            Settings.NONE,
            List.of(ChatMessage.system("Be brief."), ChatMessage.user("Hello")),
            inbox.listener(300)),
        Answering.class);
    await().until(() -> inbox.text(turn).length() == 300);
    inbox.creditingTo(answering.providerInbox());
    inbox.credit(answering.providerInbox(), turn, answering.fence(), 300);
    inbox.received().await(Completed.class);
    assertThat(inbox.text(turn)).isEqualTo(answer);
    JsonObject none = ask("consoul.session.get", new JsonObject().put("session", "none"));
    assertThat(none.getString("code")).isEqualTo("E100");
  }

  @Test
  @DisplayName("learns which models there are")
  void models() {
    ModelList models =
        ask(Kind.PROVIDER, Addresses.PROVIDER_MODELS, new ListModels(), ModelList.class);
    assertThat(models.models()).filteredOn(ModelList.Model::byDefault).hasSize(1);
    assertThat(models.models()).extracting(ModelList.Model::name).contains("echo");
    JsonArray json = ask("consoul.provider.models", new JsonObject()).getJsonArray("models");
    assertThat(json.size()).isEqualTo(models.models().size());
  }

  @Test
  @DisplayName("starts a collection and reads how it went")
  void collections() {
    // One that takes long, as on a machine that is slow just now, is answered with the status.
    GcRun run = (GcRun) await()
        .until(
            () -> ask(Kind.GC, Addresses.GC_RUN, new RunGc(false), BusMessage.class),
            GcRun.class::isInstance);
    assertThat(run.skipped()).isZero();
    GcStatus status = ask(Kind.GC, Addresses.GC_STATUS, new ReadGcStatus(), GcStatus.class);
    assertThat(status.running()).isFalse();
    assertThat(status.lastRun()).isEqualTo(run);
    assertThat(status.nextRun()).isNotNull();
    await()
        .until(() -> ask("consoul.gc.run", new JsonObject()).getString("type").equals("gc.done"));
    assertThat(ask("consoul.gc.status", new JsonObject()).getLong("runs")).isGreaterThan(1);
  }

  @Test
  @DisplayName("gets every failure as a fault of the catalogue")
  void failures() {
    assertThat(Deployed.get(deployed
            .node
            .bus()
            .ask(
                Kind.SESSION,
                Addresses.SESSION_GET,
                new ReadSession(new SessionId("nobody"), Tenant.DEFAULT),
                SessionInfo.class,
                IN_TIME)
            .map(found -> Fault.UNKNOWN_ERROR)
            .otherwise(failure -> ((FaultException) failure).fault())))
        .isEqualTo(Fault.SESSION_NOT_FOUND);
    for (String address : List.of(
        Addresses.SESSION_TURN,
        Addresses.SESSION_ATTACH,
        Addresses.SESSION_CANCEL,
        Addresses.SESSION_CREATE,
        Addresses.SESSION_GET,
        Addresses.SESSION_MESSAGES,
        Addresses.SESSION_DELETE,
        Addresses.PROVIDER_COMPLETE)) {
      JsonObject refused = ask(address, new JsonObject().put("nonsense", true));
      assertThat(refused.getString("type")).as(address).isEqualTo("failed");
      assertThat(refused.getString("code")).as(address).isEqualTo("E002");
    }
  }

  private static JsonObject type(List<JsonObject> events, String type) {
    return events.stream()
        .filter(event -> event.getString("type").equals(type))
        .findFirst()
        .orElse(null);
  }

  private static String text(List<JsonObject> events, long listener) {
    StringBuilder text = new StringBuilder();
    events.stream()
        .filter(event -> event.getString("type").equals("turn.delta"))
        .filter(event -> event.getLong("listener_id") == listener)
        .forEach(event -> text.append(event.getString("text")));
    return text.toString();
  }
}
