package io.consoul.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.message.AnswerTurn;
import io.consoul.message.Answering;
import io.consoul.message.BusCodec;
import io.consoul.message.ChatMessage;
import io.consoul.message.CompletionOptions;
import io.consoul.message.Cuts;
import io.consoul.message.Kind;
import io.consoul.message.Listener;
import io.consoul.message.Resumption;
import io.consoul.message.SessionId;
import io.consoul.message.Settings;
import io.consoul.message.Tenant;
import io.consoul.message.TurnId;
import io.consoul.node.Directory;
import io.consoul.node.Node;
import io.consoul.testkit.HttpAnswer;
import io.consoul.testkit.Ports;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("A node of the version before, in one cluster with a new one,")
class OldPeerIT {

  private static final String SESSION_TURN = "consoul.session.turn";

  private static final String ECHO =
      "This is Consoul's echo model, there is no language model behind it. You said: Hello";

  private static Vertx here;
  private static Vertx there;
  private static Node node;
  private static OldPeer old;
  private static OldVerticles verticles;

  private Deployed deployed;

  @BeforeAll
  static void start() throws Exception {
    String cluster = "test-" + ProcessHandle.current().pid() + "-old";
    int one = Ports.free();
    int other = Ports.free();
    here = EchoNode.join(cluster, one, other);
    there = EchoNode.join(cluster, other, one);
    node = joined();
    old = OldPeer.on(there, OldCodec.NEWEST);
    verticles = new OldVerticles(old);
  }

  /** Its directory forgets nobody because this machine had no time for a hello. */
  private static Node joined() {
    Node joined = Deployed.get(Node.join(here, InstantSource.fixed(Instant.EPOCH)));
    return new Node(
        joined.id(),
        joined.bus(),
        joined.directory(),
        joined.drain(),
        InstantSource.system(),
        joined.random(),
        joined.meters(),
        joined.tracing());
  }

  @AfterAll
  static void end() throws Exception {
    for (Vertx member : List.of(there, here)) {
      member.close().await(20, TimeUnit.SECONDS);
    }
  }

  @AfterEach
  void undeploy() {
    deployed.close();
    // Else the next test could take one of these for its own.
    await()
        .until(() -> Stream.of("session", "provider", "gateway")
            .allMatch(kind -> old.inboxOf(kind).isEmpty()));
    old.rest();
  }

  /** On a machine that is slow just now it is told to wait first. */
  private static OldMessage begin(JsonObject turn) {
    OldMessage reply = old.ask(SESSION_TURN, new OldMessage("turn.begin", turn));
    if (reply.is("turn.queued")) {
      await().until(() -> old.received("turn.accepted").isPresent());
      return old.received("turn.accepted").orElseThrow();
    }
    return reply;
  }

  @Test
  @DisplayName("has its gateway's turns answered to the end, in frames that it reads")
  void gateway() {
    deployed = new Deployed(here, node).session(new JsonObject()).provider(quick());
    String inbox = old.serve("gateway", message -> null);
    old.hello("gateway", inbox, false);
    await().until(() -> old.inboxOf("session").isPresent());

    JsonObject begin = new JsonObject()
        .put("session", "of-old-gateway")
        .put("text", "Hello")
        .put("listener", new JsonObject().put("inbox", inbox).put("window", 16_384));
    OldMessage accepted = begin(begin);

    assertThat(accepted.type()).isEqualTo("turn.accepted");
    await().until(() -> old.received("turn.completed").isPresent());
    assertThat(textReceived()).isEqualTo(ECHO);
    assertThat(old.received("turn.completed").orElseThrow().body().getInteger("length"))
        .isEqualTo(ECHO.length());
    assertThat(old.received()).noneMatch(message -> message.is(OldMessage.UNKNOWN));
    OldMessage again = old.ask(
        "consoul.session.attach",
        new OldMessage(
            "turn.attach",
            new JsonObject()
                .put("turn", accepted.text("turn"))
                .put("tenant", "default")
                .put("after", 4)
                .put("listener", begin.getJsonObject("listener"))));
    assertThat(again.text("text")).isEqualTo(ECHO.substring(4));
    old.hello("gateway", inbox, true);
  }

  @Test
  @DisplayName("has its session instance's turns answered, and journals and seals them")
  void session() {
    deployed = new Deployed(here, node).provider(quick()).gateway(new JsonObject());
    await().until(() -> old.inboxOf("provider").isPresent());
    String inbox = old.serve("session", verticles::session);
    old.hello("session", inbox, false);
    await().until(() -> node.directory().knows(inbox));

    HttpAnswer answer = deployed.client().chat("of-old-session", "Hello");

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.json().getString("response")).isEqualTo(ECHO);
    assertThat(old.received("turn.progress")).isPresent();
    OldMessage seal = old.received("turn.seal").orElseThrow();
    assertThat(seal.text("text")).isEqualTo(ECHO);
    assertThat(old.received()).noneMatch(message -> message.is(OldMessage.UNKNOWN));
    old.hello("session", inbox, true);
    await().until(() -> !node.directory().knows(inbox));
  }

  @Test
  @DisplayName("answers a turn as a provider, and is given none that another one has begun")
  void provider() {
    deployed = new Deployed(here, node).session(new JsonObject()).gateway(new JsonObject());
    String inbox = old.serve("provider", verticles::provider);
    old.hello("provider", inbox, false);
    await().until(() -> node.directory().knows(inbox));

    HttpAnswer answer = deployed.client().chat("of-old-provider", "Hello");

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.json().getString("response")).isEqualTo(OldVerticles.WHOLE);
    Directory directory = node.directory();
    assertThat(directory.pickOther(Kind.PROVIDER, Set.of())).isPresent();
    assertThat(directory.pickOther(Kind.PROVIDER, Set.of(), BusCodec.RESUMING)).isEmpty();
    FaultException refused = Assertions.catchThrowableOfType(
        FaultException.class,
        () -> node.bus()
            .ask(Kind.PROVIDER, inbox, resumption(), Answering.class, Duration.ofSeconds(20))
            .await(20, TimeUnit.SECONDS));
    assertThat(refused.fault()).isEqualTo(Fault.INVALID_REQUEST_BODY);
    old.hello("provider", inbox, true);
    await().until(() -> !node.directory().knows(inbox));
  }

  @Test
  @DisplayName(
      "is asked to go on with no answer of a provider that is gone, though there is no other")
  void noTakeover() {
    deployed = new Deployed(here, node).session(new JsonObject());
    String first = old.serve("provider", verticles::providerThatStops);
    old.hello("provider", first, false);
    String gateway = old.serve("gateway", message -> null);
    await().until(() -> node.directory().knows(first) && old.inboxOf("session").isPresent());
    OldMessage accepted = begin(new JsonObject()
        .put("session", "half-said")
        .put("text", "Hello")
        .put("listener", new JsonObject().put("inbox", gateway)));
    assertThat(accepted.type()).isEqualTo("turn.accepted");
    await().until(() -> old.received("turn.renewed").isPresent());

    String second = old.serve("provider", verticles::provider);
    old.hello("provider", second, false);
    old.hello("provider", first, true);
    await().until(() -> node.directory().knows(second) && !node.directory().knows(first));
    JsonObject attach = new JsonObject()
        .put("turn", accepted.text("turn"))
        .put("tenant", "default")
        .put("after", 0)
        .put("listener", new JsonObject().put("inbox", gateway));
    AtomicReference<OldMessage> replayed = new AtomicReference<>();
    await().atMost(Duration.ofSeconds(60)).until(() -> {
      replayed.set(old.ask("consoul.session.attach", new OldMessage("turn.attach", attach)));
      return replayed.get().is("turn.replayed");
    });

    assertThat(replayed.get().text("text")).isEqualTo(OldVerticles.HALF);
    JsonObject end = replayed.get().body().getJsonObject("end");
    assertThat(end.getString("type")).isEqualTo("turn.failed");
    assertThat(end.getJsonObject("failure").getString("code")).isEqualTo("E200");
    assertThat(old.received())
        .filteredOn(message -> message.is("turn.answer") || message.is(OldMessage.UNKNOWN))
        .hasSize(1);
    old.hello("provider", second, true);
    await().until(() -> !node.directory().knows(second));
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"a newer version", "an unknown type", "garbled", "cut off", "empty"})
  @DisplayName("is told what is wrong with a frame that nobody here reads, and all goes on")
  void strangeFrames(String kind) {
    deployed = new Deployed(here, node).session(new JsonObject()).provider(quick());
    await().until(() -> old.inboxOf("session").isPresent());
    Buffer body = new JsonObject().put("session", "s").put("text", "Hello").toBuffer();
    Buffer whole = OldCodec.frame(1, "turn.begin", body);
    Buffer frame = switch (kind) {
      case "a newer version" -> OldCodec.frame(9, "turn.begin", body);
      case "an unknown type" -> OldCodec.frame(1, "turn.rewind", body);
      case "garbled" -> OldCodec.frame(1, "turn.begin", Buffer.buffer("{\"session\":[[["));
      case "cut off" -> whole.getBuffer(0, whole.length() - 7);
      default -> Buffer.buffer();
    };

    for (String address : List.of(SESSION_TURN, old.inboxOf("session").orElseThrow())) {
      OldMessage reply = old.ask(address, OldMessage.raw(frame));
      assertThat(reply.type()).isEqualTo("failed");
      assertThat(reply.text("code")).isEqualTo("E001");
    }

    String inbox = old.serve("gateway", message -> null);
    old.ask(
        SESSION_TURN,
        new OldMessage(
            "turn.begin",
            new JsonObject()
                .put("session", "after-" + kind.hashCode())
                .put("text", "Still there?")
                .put("listener", new JsonObject().put("inbox", inbox))));
    await().until(() -> old.received("turn.completed").isPresent());
  }

  private static AnswerTurn resumption() {
    return new AnswerTurn(
        TurnId.mint(new SessionId("resumed"), new SecureRandom()),
        Tenant.DEFAULT,
        8,
        "secret",
        "echo",
        Settings.NONE,
        List.of(ChatMessage.user("Hello")),
        0,
        CompletionOptions.NONE,
        new Listener("nobody", 16_384),
        "nobody",
        Instant.now().plusSeconds(60),
        new Resumption("You ", Cuts.NONE.and(4), 1, List.of()));
  }

  private static JsonObject quick() {
    return new JsonObject().put("echo", new JsonObject().put("delayMillis", 1));
  }

  private static String textReceived() {
    StringBuilder text = new StringBuilder();
    for (OldMessage message : old.received()) {
      if (message.is("turn.delta")) {
        assertThat(message.body().getInteger("offset")).isLessThanOrEqualTo(text.length());
        text.setLength(message.body().getInteger("offset"));
        text.append(message.text("text"));
      }
    }
    return text.toString();
  }
}
