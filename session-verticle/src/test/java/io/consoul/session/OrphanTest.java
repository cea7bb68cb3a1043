package io.consoul.session;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.consoul.message.AnswerTurn;
import io.consoul.message.BeginTurn;
import io.consoul.message.BusMessage;
import io.consoul.message.ChatMessage;
import io.consoul.message.Replayed;
import io.consoul.testkit.ManualClock;
import io.consoul.testkit.ScriptedProvider;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.junit5.VertxExtension;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(VertxExtension.class)
@DisplayName("A turn whose provider says nothing more")
class OrphanTest {

  private static final Duration LEASE = Duration.ofSeconds(5);

  private final ManualClock clock = new ManualClock();
  private SessionNode session;
  private ScriptedProvider provider;

  @BeforeEach
  void start(Vertx vertx) throws Exception {
    session =
        SessionNode.start(vertx, new JsonObject().put("leaseSeconds", LEASE.toSeconds()), clock);
    provider = session.provider();
  }

  @Test
  @DisplayName("lets the next one begin when its lease is over, with what was said")
  void next() throws Exception {
    session.accepted(session.turn("s", "one"));
    provider.progress(order(0), 0, "ei").await(20, SECONDS);
    BeginTurn next = session.turn("s", "two");
    Future<BusMessage> begun = session.ask(next);
    session.read("s"); // so that it has come
    assertThat(provider.received().all(AnswerTurn.class)).hasSize(1);

    clock.advance(LEASE);

    session.accepted(next, begun);
    assertThat(order(1).history())
        .containsExactly(
            ChatMessage.user("one"), ChatMessage.assistant("ei"), ChatMessage.user("two"));
  }

  @Test
  @DisplayName("is replayed when it is begun again, and runs anew where nothing was said")
  void begunAgain() throws Exception {
    BeginTurn said = session.turn("s", "one");
    session.accepted(said);
    provider.progress(order(0), 0, "ei").await(20, SECONDS);
    BeginTurn unsaid = session.turn("t", "one");
    session.accepted(unsaid);
    order(1);

    clock.advance(LEASE);

    await().until(() -> session.get(said) instanceof Replayed);
    assertThat(((Replayed) session.get(said)).text()).isEqualTo("ei");
    await().ignoreExceptions().until(() -> {
      session.get(unsaid);
      return provider.received().all(AnswerTurn.class).size() > 2;
    });
    assertThat(order(2).turn()).isEqualTo(unsaid.turn());
  }

  private AnswerTurn order(int index) {
    return provider.received().await(AnswerTurn.class, index + 1).get(index);
  }
}
