package io.consoul.acceptance.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.consoul.acceptance.NodeProcess;
import io.consoul.acceptance.StoredTurns;
import io.consoul.testkit.ChatClient;
import io.consoul.testkit.FakeProvider;
import io.consoul.testkit.HttpAnswer;
import io.consoul.testkit.ManualClock;
import io.consoul.testkit.ProviderKind;
import io.consoul.testkit.Script;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Every fault, in every wire format, over every way to ask, against the jar. The breaker is off: it would make an outage of what
 * is played here, and has tests of its own.
 */
@DisplayName("A provider's fault, played against the jar")
@Execution(ExecutionMode.CONCURRENT)
class FaultsIT {

  private static final Path RECORD = Path.of("target", "faults.md");

  /** So many pieces that an answer which always breaks off after a few of them is not complete when rescues are used up. */
  private static final String WORDS =
      " one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
          + " sixteen seventeen eighteen nineteen twenty";

  private static final String FLAPPING = "fault-flap-5s";
  private static final Duration DOWN = Duration.ofSeconds(5);

  /** The fake provider's, by which it is down for some time. */
  private static final ManualClock CLOCK = new ManualClock();

  private static final FaultLog LOG = new FaultLog();

  private static Vertx vertx;
  private static FakeProvider fake;
  private static NodeProcess node;
  private static ChatClient client;

  /** One turn, from its beginning to its end. */
  private record Turn(
      Played fault, ProviderKind kind, Way way, String message, Supplier<Ended> end, long begun) {

    String session() {
      return session(fault, kind, way);
    }

    static String session(Played fault, ProviderKind kind, Way way) {
      return fault + "-" + kind + "-" + way;
    }

    @Override
    public String toString() {
      return session();
    }
  }

  @BeforeAll
  static void start(@TempDir Path folder) throws Exception {
    vertx = Vertx.vertx();
    fake = FakeProvider.start(vertx, 0, CLOCK).await(20, TimeUnit.SECONDS);
    Files.writeString(folder.resolve("provider.json"), configuration().encodePrettily());
    node = NodeProcess.inMemory(folder).start().awaitUp();
    client = new ChatClient(vertx, node.port()).withLimit(Way.LIMIT);
  }

  @AfterAll
  static void end() throws Exception {
    LOG.write(RECORD);
    System.out.print(Files.readString(RECORD));
    client.close();
    node.close();
    vertx.close().await(30, TimeUnit.SECONDS);
  }

  private static JsonObject configuration() {
    JsonArray providers = new JsonArray();
    for (ProviderKind kind : ProviderKind.values()) {
      for (Limits limits : Limits.values()) {
        providers.add(new JsonObject()
            .put("name", name(kind) + limits.suffix())
            .put("kind", kind.name())
            .put("baseUrl", fake.baseUrl(kind))
            .put("apiKey", "any")
            .put("firstByteSeconds", limits.firstByteSeconds())
            .put("silenceSeconds", limits.silenceSeconds()));
      }
    }
    return new JsonObject()
        .put("circuitBreaker", new JsonObject().put("enabled", false))
        .put(
            "retry",
            new JsonObject()
                .put("maxRetries", 2)
                .put("firstPauseMillis", 20)
                .put("budgetPercent", 100)
                .put("budgetReserve", 10_000))
        .put("rescue", new JsonObject().put("enabled", true).put("maxRescues", 3))
        .put("providers", providers);
  }

  @ParameterizedTest(name = "{0}")
  @EnumSource
  @DisplayName(
      "ends each turn as it has to, and the session goes on when the provider is well again")
  void fault(Played fault) {
    List<Turn> turns = new ArrayList<>();
    for (ProviderKind kind : fault.kinds()) {
      for (Way way : Way.values()) {
        turns.add(begin(fault, kind, way));
      }
    }
    SoftAssertions softly = new SoftAssertions();
    for (Turn turn : turns) {
      Ended ended;
      try {
        ended = turn.end().get();
      } catch (AssertionError hangs) {
        softly.collectAssertionError(new AssertionError(turn + ": " + hangs.getMessage(), hangs));
        continue;
      }
      long millis = Duration.ofNanos(System.nanoTime() - turn.begun()).toMillis();
      LOG.note(fault.model(), turn.kind(), attempts(turn), millis, ended);
      softly.check(() -> check(turn, ended));
    }
    fake.script(fault.model(), Script.echo());
    for (Turn turn : turns) {
      softly.check(() -> goesOn(turn));
    }
    softly.assertAll();
  }

  @Test
  @DisplayName("that is over some time later is over for the next turn, too")
  void flaps() {
    Map<ProviderKind, Supplier<Ended>> down = new EnumMap<>(ProviderKind.class);
    for (ProviderKind kind : ProviderKind.values()) {
      String session = "flap-" + kind;
      down.put(kind, Way.CHAT.begin(client, session, name(kind) + "/" + FLAPPING, "hello"));
    }
    down.forEach((kind, turn) -> assertThat(turn.get().code()).as("%s", kind).isEqualTo("E200"));

    CLOCK.advance(DOWN);

    for (ProviderKind kind : ProviderKind.values()) {
      await().atMost(Way.LIMIT).pollInterval(Duration.ofMillis(200)).untilAsserted(() -> {
        HttpAnswer up = ask("flap-" + kind, name(kind) + "/" + FLAPPING, "hello");
        assertThat(up.status()).as("%s", kind).isEqualTo(200);
        assertThat(up.json().getString("response")).isEqualTo("You said: hello");
      });
    }
  }

  private Turn begin(Played fault, ProviderKind kind, Way way) {
    String session = Turn.session(fault, kind, way);
    String message = session + WORDS;
    long now = System.nanoTime();
    String model = name(kind) + fault.limits().suffix() + "/" + fault.model();
    Supplier<Ended> end = way.begin(client, session, model, message);
    return new Turn(fault, kind, way, message, end, now);
  }

  private static void check(Turn turn, Ended ended) {
    Played fault = turn.fault();
    String whole = fault.answerTo(turn.message());
    assertThat(ended.code()).as("code of %s", turn).isEqualTo(fault.code());
    if (ended.isDone()) {
      assertThat(ended.text()).as("text of %s", turn).isEqualTo(whole);
      assertThat(ended.rescued())
          .as("%s is rescued", turn)
          .isEqualTo(fault.outcome() == Outcome.RESCUED);
    }
    if (fault.outcome() == Outcome.FAILS && ended.text() != null) {
      assertThat(ended.text()).as("text of %s", turn).isEmpty();
    }
    if (fault.outcome() == Outcome.INTERRUPTED) {
      assertThat(ended.recoverable()).as("%s is recoverable", turn).isTrue();
      if (ended.text() != null) {
        assertThat(ended.text()).as("text of %s", turn).isNotEmpty();
        assertThat(whole).as("text of %s", turn).startsWith(ended.text());
      }
      await().atMost(Way.LIMIT).untilAsserted(() -> interrupted(turn, whole));
    }
  }

  /** What was said is kept, and nobody can take it for the whole answer. */
  private static void interrupted(Turn turn, String whole) {
    List<JsonObject> messages = StoredTurns.messages(client, turn.session());
    assertThat(messages).as("messages of %s", turn).hasSize(2);
    assertThat(messages.get(1).getString("finish_reason")).isEqualTo("interrupted");
    assertThat(messages.get(1).getString("content")).isNotEmpty();
    assertThat(whole).startsWith(messages.get(1).getString("content"));
  }

  private static void goesOn(Turn turn) {
    String model = name(turn.kind()) + "/" + turn.fault().model();
    HttpAnswer next = ask(turn.session(), model, "And now?");

    assertThat(next.status()).as("the next turn after %s: %s", turn, next).isEqualTo(200);
    // Where nothing was said before, some formats take both messages for one.
    assertThat(next.json().getString("response")).startsWith("You said: ").endsWith("And now?");
  }

  private static HttpAnswer ask(String session, String model, String message) {
    return client.post(
        "/chat",
        new JsonObject().put("session_id", session).put("message", message).put("model", model));
  }

  private static long attempts(Turn turn) {
    return fake.requests().stream()
        .filter(request -> request.kind() == turn.kind())
        .filter(request -> request.lastUserText().equals(turn.message()))
        .count();
  }

  private static String name(ProviderKind kind) {
    return "fake-" + kind.name().toLowerCase(Locale.ROOT);
  }
}
