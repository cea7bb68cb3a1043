package io.consoul.provider;

import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.message.AnswerTurn;
import io.consoul.message.Completed;
import io.consoul.message.Credit;
import io.consoul.message.Delta;
import io.consoul.message.Detach;
import io.consoul.message.FollowTurn;
import io.consoul.message.Listener;
import io.consoul.message.TurnEvent;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("Two listeners of one turn in one inbox")
class SharedInboxTest {

  private static final String MESSAGE = "a message of some length, word by word 🦉";

  private Stage stage;
  private Listener quick;
  private Listener slow;
  private AnswerTurn order;

  @BeforeEach
  void twoListeners() {
    stage = new Stage(Stage.quick().put("echo", new JsonObject().put("delayMillis", 5)));
    quick = new Listener(stage.listener.address(), 1, 40, false);
    slow = new Listener(stage.listener.address(), 2, 10, false);
    order = stage.order(MESSAGE, quick);
    stage.ask(order);
    stage.request(new FollowTurn(order.turn(), 0, slow));
  }

  @AfterEach
  void close() {
    stage.close();
  }

  @Test
  @DisplayName("each get the whole text within their own window, the quicker one without waiting")
  void eachTheWholeText() {
    String text = readToTheEnd(quick);
    assertThat(text).endsWith(MESSAGE);
    assertThat(deltas(slow)).allMatch(delta -> delta.end() <= 10);
    assertThat(received(slow, Completed.class)).isEmpty();

    assertThat(readToTheEnd(slow)).isEqualTo(text);

    assertThat(deltas(quick)).allMatch(delta -> delta.text().length() <= 40);
    assertThat(deltas(slow)).allMatch(delta -> delta.text().length() <= 10);
    assertThat(received(quick, Completed.class)).hasSize(1);
    assertThat(received(slow, Completed.class)).hasSize(1);
  }

  @Test
  @DisplayName("leave it one by one")
  void detach() {
    stage.tell(new Detach(order.turn(), slow.inbox(), slow.id()));
    readToTheEnd(quick);
    assertThat(received(slow, Completed.class)).isEmpty();

    assertThat(stage.request(new FollowTurn(order.turn(), 0, slow))).isNotNull();
    assertThat(readToTheEnd(slow)).as("of a turn that has ended").endsWith(MESSAGE);
  }

  @Test
  @DisplayName("go on with a newer attempt, both of them")
  void newerAttempt() {
    AnswerTurn newer =
        stage.order(order.turn(), order.fence() + 1, "new", null, quick, Duration.ofMinutes(1));
    stage.ask(newer);
    order = newer;
    assertThat(readToTheEnd(slow)).endsWith("new");
    assertThat(readToTheEnd(quick)).endsWith("new");
  }

  /** Gives credit for each delta of this listener until its last event. */
  private String readToTheEnd(Listener listener) {
    StringBuilder text = new StringBuilder();
    while (true) {
      TurnEvent next = stage
          .listener
          .received()
          .await(
              TurnEvent.class,
              event -> isFor(listener, event)
                  && (event instanceof Completed
                      || event instanceof Delta delta
                          && delta.offset() <= text.length()
                          && delta.end() > text.length()));
      if (!(next instanceof Delta delta)) {
        return text.toString();
      }
      // Who has come anew is sent what it had already, in other pieces.
      text.append(delta.text(), text.length() - delta.offset(), delta.text().length());
      stage.tell(
          new Credit(order.turn(), order.fence(), listener.inbox(), listener.id(), text.length()));
    }
  }

  private List<Delta> deltas(Listener listener) {
    return received(listener, Delta.class);
  }

  private <E extends TurnEvent> List<E> received(Listener listener, Class<E> type) {
    return stage.listener.received().all(type).stream()
        .filter(event -> isFor(listener, event))
        .toList();
  }

  private boolean isFor(Listener listener, TurnEvent event) {
    return event.listenerId() == listener.id() && event.fence() == order.fence();
  }
}
