package io.consoul.launcher.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.consoul.launcher.chat.Conversation.Ending;
import io.consoul.launcher.chat.ScriptedChatServer.Peer;
import io.consoul.testkit.Ports;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("A conversation")
class ConversationTest {

  /** Short pauses only: how long a busy machine needs for a connection does not matter. */
  private static final Patience PATIENT = new Patience(
      Duration.ofMillis(10), Duration.ofMillis(50), Duration.ofMinutes(2), Duration.ofMinutes(1));

  /** Of the attempts to come back; it stands still where a test does not move it. */
  private final AtomicLong nanos = new AtomicLong();

  private final RecordingScreen screen = new RecordingScreen();
  private final Events events = new Events();
  // The conversation belongs to one thread, as in the command.
  private final ExecutorService user = Executors.newSingleThreadExecutor();
  private ScriptedChatServer server;
  private ChatConnection connection;
  private Conversation conversation;
  private Peer peer;

  @BeforeEach
  void start() {
    server = new ScriptedChatServer();
    converse(server.url(), null, PATIENT);
  }

  @AfterEach
  void end() {
    user.shutdownNow();
    connection.close();
    server.close();
  }

  @Test
  @DisplayName("prints an answer as it comes, and tells its size at the end")
  void streams() throws Exception {
    connect();
    CompletableFuture<Ending> asked = ask("Hello");

    JsonObject message = peer.await("message");
    assertThat(message.getString("content")).isEqualTo("Hello");
    assertThat(message.getString("model")).isEqualTo("some-model");
    assertThat(message.getString("idempotency_key")).hasSizeGreaterThan(20);
    peer.token("t1", 0, "one ");
    screen.awaitText("one ");
    peer.token("t1", 4, "two 😀").done("t1", "stop");

    assertThat(ending(asked)).isEqualTo(Ending.DONE);
    assertThat(screen.text()).isEqualTo("one two 😀");
    assertThat(screen.summaries).containsExactly("(2 tokens, 1.3 s)");
  }

  @Test
  @DisplayName("gives each message a key of its own")
  void keys() throws Exception {
    connect();
    CompletableFuture<Ending> first = ask("one");
    String key = peer.await("message").getString("idempotency_key");
    peer.done("t1", "stop");
    ending(first);
    CompletableFuture<Ending> second = ask("one");
    assertThat(peer.await("message").getString("idempotency_key")).isNotEqualTo(key);
    peer.done("t2", "stop");
    ending(second);
  }

  @Test
  @DisplayName("stops the answer at the first Ctrl-C and goes on when the turn has ended")
  void cancels() throws Exception {
    connect();
    CompletableFuture<Ending> asked = ask("Hello");
    peer.await("message");
    peer.token("t1", 0, "one ");
    screen.awaitText("one ");

    assertThat(conversation.interrupt()).isTrue();
    peer.await("cancel");
    assertThat(asked).isNotDone();
    peer.done("t1", "cancelled");

    assertThat(ending(asked)).isEqualTo(Ending.STOPPED);
    assertThat(conversation.interrupt()).isFalse();

    // Without a token there is no turn that could be done.
    CompletableFuture<Ending> next = ask("Again");
    peer.await("message");
    conversation.interrupt();
    peer.await("cancel");
    peer.error("E205", "cancelled", false, null);
    assertThat(ending(next)).isEqualTo(Ending.STOPPED);
    assertThat(screen.errors).isEmpty();
  }

  @Test
  @DisplayName("leaves at the second Ctrl-C without waiting")
  void leaves() throws Exception {
    connect();
    CompletableFuture<Ending> asked = ask("Hello");
    peer.await("message");
    conversation.interrupt();
    peer.await("cancel");
    conversation.interrupt();

    assertThat(ending(asked)).isEqualTo(Ending.LEFT);
    connection.close();
    assertThat(peer.awaitClose()).isEqualTo(1000);
  }

  @Test
  @DisplayName("resumes an answer that was cut, and prints what overlaps once")
  void resumes() throws Exception {
    connect();
    CompletableFuture<Ending> asked = ask("Hello");
    peer.await("message");
    peer.token("t1", 0, "one 😀 ");
    screen.awaitText("one 😀 ");
    peer.cut();

    peer = server.next();
    JsonObject resume = peer.await("resume");
    assertThat(resume.getString("turn_id")).isEqualTo("t1");
    assertThat(resume.getInteger("after")).isEqualTo(7);
    peer.token("t1", 4, "😀 three").token("t1", 12, "!").done("t1", "stop");

    assertThat(ending(asked)).isEqualTo(Ending.DONE);
    assertThat(screen.text()).isEqualTo("one 😀 three!");
    assertThat(screen.notes).hasSize(1);
  }

  @Test
  @DisplayName(
      "cuts back an answer of which the server has lost the end, and tells that what was printed is not all true")
  void cutsBack() throws Exception {
    connect();
    CompletableFuture<Ending> asked = ask("Hello");
    peer.await("message");
    peer.token("t1", 0, "the red house");
    peer.token("t1", 8, "horse ran").done("t1", "stop");

    assertThat(ending(asked)).isEqualTo(Ending.SPOILED);
    assertThat(screen.text()).isEqualTo("the red house|horse ran");
  }

  @Test
  @DisplayName("tells how often its answer was cut back when it resumes it")
  void resumesAfterACut() throws Exception {
    connect();
    CompletableFuture<Ending> asked = ask("Hello");
    peer.await("message");
    peer.token("t1", 0, "one two").send("token", cutBack());
    peer.cut();

    peer = server.next();
    JsonObject resume = peer.await("resume");
    assertThat(resume.getInteger("after")).isEqualTo(4);
    assertThat(resume.getInteger("cuts")).isEqualTo(2);
    peer.token("t1", 4, "two").done("t1", "stop");
    assertThat(ending(asked)).isEqualTo(Ending.DONE);
    assertThat(screen.text()).isEqualTo("one two");
  }

  private static JsonObject cutBack() {
    return new JsonObject()
        .put("text", "")
        .put("turn_id", "t1")
        .put("offset", 4)
        .put("cuts", 2);
  }

  @Test
  @DisplayName("asks for what is missing between two pieces")
  void gap() throws Exception {
    connect();
    CompletableFuture<Ending> asked = ask("Hello");
    peer.await("message");
    peer.token("t1", 0, "one ").token("t1", 8, "three");

    peer = server.next();
    assertThat(peer.await("resume").getInteger("after")).isEqualTo(4);
    peer.token("t1", 4, "two three").done("t1", "stop");
    ending(asked);
    assertThat(screen.text()).isEqualTo("one two three");
  }

  @Test
  @DisplayName("sends the same message with the same key when it was cut before the first token")
  void sendsAgain() throws Exception {
    connect();
    CompletableFuture<Ending> asked = ask("Hello");
    JsonObject message = peer.await("message");
    peer.cut();

    peer = server.next();
    assertThat(peer.await("message")).isEqualTo(message);
    peer.token("t1", 0, "one").done("t1", "stop");
    assertThat(ending(asked)).isEqualTo(Ending.DONE);
  }

  @ParameterizedTest(name = "{0}")
  @DisplayName("comes back after a close that means a restart, idleness or slowness")
  @CsvSource({"1012", "1001", "1008", "1000", "1011"})
  void closes(int code) throws Exception {
    connect();
    CompletableFuture<Ending> asked = ask("Hello");
    peer.await("message");
    peer.token("t1", 0, "one ");
    peer.close(code, "for some reason");

    peer = server.next();
    assertThat(peer.await("resume").getInteger("after")).isEqualTo(4);
    peer.token("t1", 4, "two").done("t1", "stop");
    ending(asked);
    assertThat(screen.text()).isEqualTo("one two");
  }

  @Test
  @DisplayName(
      "that was closed while nobody asked opens again with the next message, without a word")
  void idle() throws Exception {
    connect();
    peer.close(1001, "Nothing was said for too long");
    peer.awaitClose();

    CompletableFuture<Ending> asked = ask("Hello");
    peer = server.next();
    peer.await("message");
    peer.done("t1", "stop");
    assertThat(ending(asked)).isEqualTo(Ending.DONE);
  }

  @Test
  @DisplayName("stops an answer as soon as the connection is back")
  void cancelsLater() throws Exception {
    connect();
    CompletableFuture<Ending> asked = ask("Hello");
    peer.await("message");
    peer.token("t1", 0, "one ");
    server.refuse(503);
    peer.cut();
    await().until(() -> screen.notes.size() == 1);
    conversation.interrupt();
    server.refuse(0);

    peer = server.next();
    peer.await("resume");
    peer.await("cancel");
    peer.done("t1", "cancelled");
    assertThat(ending(asked)).isEqualTo(Ending.STOPPED);
  }

  @Test
  @DisplayName("gives up after a while, and tells how to come back")
  void givesUp() throws Exception {
    connect();
    CompletableFuture<Ending> asked = ask("Hello");
    peer.await("message");
    server.refuse(503);
    peer.cut();
    await().until(() -> {
      passes(PATIENT.limit());
      return asked.isDone();
    });

    assertThatThrownBy(() -> ending(asked))
        .isInstanceOf(ExecutionException.class)
        .cause()
        .isInstanceOf(ChatFailure.class)
        .hasMessageContaining("did not come back")
        .hasMessageContaining("--session me");
  }

  @Test
  @DisplayName("asks a silent server for a sign of life, and takes one that gives none for gone")
  void silence() throws Exception {
    connection.close();
    converse(
        server.url(),
        null,
        new Patience(PATIENT.first(), PATIENT.longest(), PATIENT.limit(), Duration.ofMillis(300)));
    connect();
    peer.freeze();
    CompletableFuture<Ending> asked = ask("Hello");

    // On a busy machine the next one may be taken for gone, too.
    await().ignoreExceptions().until(() -> {
      Peer next = server.next();
      next.await("message");
      next.done("t1", "stop");
      return asked.get(5, TimeUnit.SECONDS) == Ending.DONE;
    });
  }

  @Test
  @DisplayName("shows an error in one line, with the advice to try again, and goes on")
  void errors() throws Exception {
    connect();
    CompletableFuture<Ending> asked = ask("Hello");
    peer.await("message");
    peer.error("E202", "The provider limits the rate.", true, 7);
    assertThat(ending(asked)).isEqualTo(Ending.FAILED);
    assertThat(screen.errors)
        .containsExactly("E202 The provider limits the rate. (try again in 7 s)");

    CompletableFuture<Ending> refused = ask("Again");
    peer.await("message");
    peer.error("E020", "The limit of 10 requests is used up; try again in 5 s.", true, 5);
    assertThat(ending(refused)).isEqualTo(Ending.FAILED);
    assertThat(screen.errors)
        .last()
        .isEqualTo("E020 The limit of 10 requests is used up; try again in 5 s.");

    CompletableFuture<Ending> next = ask("Again");
    peer.await("message");
    peer.done("t2", "stop");
    assertThat(ending(next)).isEqualTo(Ending.DONE);
  }

  @Test
  @DisplayName("goes on with an answer that could not be stopped, and ignores the errors of others")
  void errorsOfOthers() throws Exception {
    connect();
    CompletableFuture<Ending> asked = ask("Hello");
    peer.await("message");
    peer.token("t1", 0, "one ");
    peer.send("error", new JsonObject().put("code", "E201").put("turn_id", "another"));
    screen.awaitText("one ");
    conversation.interrupt();
    peer.await("cancel");
    peer.error("E110", "The store does not answer.", true, 1);
    peer.token("t1", 4, "two");
    peer.done("t1", "stop");

    assertThat(ending(asked)).isEqualTo(Ending.DONE);
    assertThat(screen.text()).isEqualTo("one two");
    assertThat(screen.errors).isEmpty();
    assertThat(screen.notes).singleElement().asString().contains("E110");
  }

  @Test
  @DisplayName("does not give up on a server that comes back every time, however often it is lost")
  void losesAndFinds() throws Exception {
    connect();
    CompletableFuture<Ending> asked = ask("Hello");
    for (int i = 0; i < 8; i++) {
      peer.await("message");
      passes(PATIENT.limit().dividedBy(3));
      peer.cut();
      peer = server.next();
    }
    peer.await("message");
    peer.token("t1", 0, "one");
    peer.done("t1", "stop");
    assertThat(ending(asked)).isEqualTo(Ending.DONE);
  }

  @Test
  @DisplayName("does not send what is too long, nor again what the server has closed upon")
  void tooLong() throws Exception {
    connect();
    assertThat(ending(ask("x".repeat(32_769)))).isEqualTo(Ending.FAILED);
    assertThat(screen.errors).singleElement().asString().contains("32768 characters");

    CompletableFuture<Ending> asked = ask("Hello");
    peer.await("message");
    peer.close(1009, "too big");
    assertThat(ending(asked)).isEqualTo(Ending.FAILED);
  }

  @Test
  @DisplayName("passes over what a turn that was given up still sends, and what it does not know")
  void strangers() throws Exception {
    connect();
    CompletableFuture<Ending> first = ask("one");
    peer.await("message");
    peer.token("t1", 0, "a").error("E201", "The model took too long.", true, null);
    ending(first);
    CompletableFuture<Ending> second = ask("two");
    peer.await("message");
    peer.token("t1", 1, "late").done("t1", "stop");
    peer.send("news", new JsonObject()).token("t2", 0, "b").done("t2", "stop");
    assertThat(ending(second)).isEqualTo(Ending.DONE);
    assertThat(screen.text()).isEqualTo("ab");
  }

  @ParameterizedTest(name = "{0}")
  @DisplayName("that the server refuses ends with what to do")
  @CsvSource({
    "401, wants an API key. Set CONSOUL_API_KEY",
    "403, serves its own machine only",
    "404, Check --url",
    "503, too busy"
  })
  void refused(int status, String advice) {
    server.refuse(status);
    assertThatThrownBy(() -> {
          conversation.begin();
          conversation.connect();
        })
        .isInstanceOf(ChatFailure.class)
        .hasMessageContaining(advice);
  }

  @Test
  @DisplayName("carries its key in a header, and says so when it is the wrong one")
  void key() throws Exception {
    connection.close();
    converse(server.url(), "secret-key", PATIENT);
    connect();
    assertThat(server.keys).contains("Bearer secret-key");
    CompletableFuture<Ending> asked = ask("Hello");
    peer.await("message");
    peer.close(1008, "Authentication required");
    assertThatThrownBy(() -> ending(asked))
        .cause()
        .isInstanceOf(ChatFailure.class)
        .hasMessageContaining("does not accept this API key")
        .hasMessageNotContaining("secret-key");
  }

  @Test
  @DisplayName("with nobody says that Consoul has to be started")
  void nobody() {
    converse("http://127.0.0.1:" + Ports.free(), null, PATIENT);
    assertThatThrownBy(() -> {
          conversation.begin();
          conversation.connect();
        })
        .isInstanceOf(ChatFailure.class)
        .hasMessageContaining("Start it with ./consoul");
  }

  @Test
  @DisplayName("tells a server without a TLS that it trusts from one that is not there")
  void noTls() {
    converse(server.url().replace("http:", "https:"), null, PATIENT);
    assertThatThrownBy(() -> {
          conversation.begin();
          conversation.connect();
        })
        .isInstanceOf(ChatFailure.class)
        .hasMessageContaining("There is no TLS connection to https://");
  }

  private void converse(String url, String key, Patience patience) {
    ChatAddress address = ChatAddress.of(url, "me");
    connection = new ChatConnection(address.socket(), key, events);
    conversation = new Conversation(
        connection, events, screen, new Trouble(url, "me", key != null), patience, nanos::get);
  }

  private void passes(Duration time) {
    nanos.addAndGet(time.toNanos());
  }

  private void connect() throws Exception {
    user.submit(() -> {
          conversation.begin();
          conversation.connect();
        })
        .get(60, TimeUnit.SECONDS);
    peer = server.next();
  }

  private CompletableFuture<Ending> ask(String text) {
    return CompletableFuture.supplyAsync(() -> conversation.ask(text, "some-model"), user);
  }

  private static Ending ending(CompletableFuture<Ending> asked) throws Exception {
    return asked.get(60, TimeUnit.SECONDS);
  }
}
