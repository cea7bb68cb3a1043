package io.consoul.launcher;

import io.consoul.testkit.ChatClient;
import io.consoul.testkit.EventStream;
import io.consoul.testkit.SocketClient;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/**
 * A client that follows one turn to its end on bad roads: it comes and goes, by server-sent events and by WebSocket, reads
 * slowly, stops reading, and goes on from where it got to. It keeps to the rules of a client and to nothing else.
 */
final class Wanderer implements Callable<Wanderer> {

  private static final Duration LIMIT = Duration.ofSeconds(30);

  /** With one of these a turn ends. */
  private static final Set<String> LAST = Set.of("done", "error");

  private final ChatClient client;
  private final String session;
  private final String turn;
  private final Random random;
  private final StringBuilder text = new StringBuilder();
  private JsonObject end;
  private int visits;

  Wanderer(ChatClient client, String session, String turn, Random random) {
    this.client = client;
    this.session = session;
    this.turn = turn;
    this.random = random;
  }

  /** What it holds in the end. */
  String text() {
    return text.toString();
  }

  /** The data of its {@code done} or {@code error}. */
  JsonObject end() {
    return end;
  }

  int visits() {
    return visits;
  }

  @Override
  public Wanderer call() {
    while (end == null) {
      visits++;
      if (random.nextBoolean()) {
        events();
      } else {
        socket();
      }
    }
    return this;
  }

  private void events() {
    EventStream stream = client.follow(turn, turn + ":" + text.length());
    stay(
        () -> stream.events().isEmpty() ? stream.ended() : hasEnd(stream),
        stream::pause,
        stream::resume);
    stream.abort();
    // Looked at once: what is on its way still comes, and an end without the tokens before it would
    // be a lie.
    stream.events().forEach(event -> {
      if (event.event().equals("token")) {
        take(event.json());
      } else if (LAST.contains(event.event())) {
        end = event.json();
      }
    });
  }

  private static boolean hasEnd(EventStream stream) {
    return !stream.events("done").isEmpty() || !stream.events("error").isEmpty();
  }

  private void socket() {
    SocketClient socket = client.connect(session);
    socket.send(
        new JsonObject().put("type", "resume").put("turn_id", turn).put("after", text.length()));
    stay(
        () -> !socket.messages("done").isEmpty() || !socket.messages("error").isEmpty(),
        socket::pause,
        socket::resume);
    socket.close();
    socket.messages().forEach(message -> {
      if (message.getString("type").equals("token")) {
        take(message.getJsonObject("data"));
      } else if (LAST.contains(message.getString("type"))) {
        end = message.getJsonObject("data");
      }
    });
  }

  /** For a while, or to the end; reading now and then. */
  private void stay(Callable<Boolean> over, Runnable pause, Runnable resume) {
    boolean toTheEnd = random.nextInt(5) == 0;
    if (random.nextInt(3) == 0 && waitFor(over, 30)) {
      return;
    }
    if (random.nextInt(3) == 0) {
      pause.run();
      waitFor(() -> false, random.nextInt(300));
      resume.run();
    }
    waitFor(over, toTheEnd ? LIMIT.toMillis() : random.nextInt(400));
  }

  private static boolean waitFor(Callable<Boolean> condition, long millis) {
    try {
      Awaitility.await()
          .pollInterval(Duration.ofMillis(5))
          .pollDelay(Duration.ZERO)
          .atMost(Duration.ofMillis(millis + 6))
          .until(condition);
      return true;
    } catch (ConditionTimeoutException late) {
      return false;
    }
  }

  /** A smaller offset means: cut back to it. A larger one would be a gap. */
  private void take(JsonObject token) {
    int offset = token.getInteger("offset");
    if (offset > text.length()) {
      throw new AssertionError("gap: have " + text.length() + ", got offset " + offset);
    }
    text.setLength(offset);
    text.append(token.getString("text"));
  }
}
