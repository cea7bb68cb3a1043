package io.consoul.provider;

import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.fault.Fault;
import io.consoul.message.Alive;
import io.consoul.message.Aside;
import io.consoul.message.Asides;
import io.consoul.message.Credit;
import io.consoul.message.Delta;
import io.consoul.message.Failed;
import io.consoul.message.Listener;
import io.consoul.message.SessionId;
import io.consoul.message.TurnEvent;
import io.consoul.message.TurnFailed;
import io.consoul.message.TurnId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("An outbox")
class OutboxTest {

  private static final TurnId TURN = TurnId.mint(new SessionId("s"), new Random(1));
  private static final long FENCE = 7;
  private static final TurnEvent LAST =
      new TurnFailed(TURN, FENCE, 0, Failed.of(Fault.LLM_TIMEOUT.because()));

  private Outbox outbox = new Outbox(TURN, FENCE, 1_000_000, Duration.ofMillis(1_500));

  @Test
  @DisplayName("sends no more than the window, and joins what had to wait")
  void window() {
    outbox.attach(new Listener("a", 4), 0, 0, 0);
    outbox.append("abc");
    assertThat(pieces(0)).containsExactly("0:abc");
    outbox.append("def");
    assertThat(pieces(0)).containsExactly("3:d");
    outbox.append("gh");
    assertThat(pieces(0)).isEmpty();
    outbox.credit(key("a"), 4, 0, 0);
    assertThat(pieces(0)).containsExactly("4:efgh");
  }

  @Test
  @DisplayName("takes credit as absolute: old, repeated and exaggerated ones do no harm")
  void credit() {
    outbox.attach(new Listener("a", 4), 0, 0, 0);
    outbox.append("abcdefghij");
    assertThat(pieces(0)).containsExactly("0:abcd");
    outbox.credit(key("a"), 1_000, 0, 0);
    assertThat(pieces(0)).containsExactly("4:efgh");
    outbox.credit(key("a"), 2, 0, 0);
    outbox.credit(key("a"), 4, 0, 0);
    outbox.credit(key("stranger"), 8, 0, 0);
    assertThat(pieces(0)).isEmpty();
  }

  @Test
  @DisplayName("never cuts a surrogate pair, and sends it alone where it is larger than the window")
  void surrogates() {
    outbox.attach(new Listener("a", 2), 0, 0, 0);
    outbox.append("x🦉y");
    assertThat(pieces(0)).containsExactly("0:x");
    outbox.credit(key("a"), 1, 0, 0);
    assertThat(pieces(0)).containsExactly("1:🦉");

    outbox.attach(new Listener("tiny", 1), 1, 0, 0);
    assertThat(pieces(0)).containsExactly("1:🦉");
    assertThat(pieces(0)).isEmpty();
  }

  @Test
  @DisplayName("cuts an answer at its limit, in front of a pair that does not fit")
  void limit() {
    outbox = new Outbox(TURN, FENCE, 4, Duration.ofSeconds(1));
    assertThat(outbox.append("abcd")).isTrue();
    assertThat(outbox.append("e")).isFalse();
    assertThat(outbox.text()).isEqualTo("abcd");

    outbox = new Outbox(TURN, FENCE, 4, Duration.ofSeconds(1));
    assertThat(outbox.append("abc🦉")).isFalse();
    assertThat(outbox.text()).isEqualTo("abc");
  }

  @Test
  @DisplayName("sends what is said besides the text in order, and no more of it than can wait")
  void asides() {
    outbox.attach(new Listener("a", 4), 0, 0, 0);
    for (int i = 0; i < 300; i++) {
      outbox.append(new Aside.Reasoning("r" + i));
    }
    outbox.append("text");
    outbox.finish(LAST);
    assertThat(asidesSent()).isEqualTo("0 to 256");
    outbox.credit(key("a"), 4, 100, 0);
    assertThat(asidesSent()).isEqualTo("256 to 300");
    assertThat(outbox.isDeserted()).isTrue();
  }

  @Test
  @DisplayName(
      "does not wait for the credit of one who never holds up what is said besides the text")
  void asidesWithoutCredit() {
    outbox.attach(new Listener("a", 4), 0, 0, 0);
    outbox.credit(key("a"), 0, Credit.ALL, 0);
    for (int i = 0; i < 1_000; i++) {
      outbox.append(new Aside.Reasoning("r" + i));
    }
    assertThat(asidesSent()).isEqualTo("0 to 1000");
    outbox.attach(new Listener("b", 4), 0, 990, 0);
    assertThat(asidesSent()).isEqualTo("990 to 1000");
  }

  @Test
  @DisplayName("has no room for what is said besides the text without end")
  void asidesWithoutEnd() {
    outbox = new Outbox(TURN, FENCE, 100, Duration.ofSeconds(1));
    assertThat(outbox.append(new Aside.ToolCall(0, "call_1", "f", "x".repeat(50))))
        .isTrue();
    assertThat(outbox.append(new Aside.ToolCall(0, null, null, "y"))).isFalse();
    assertThat(outbox.asides()).isEqualTo(1);
  }

  @Test
  @DisplayName("sends the last event after the whole text, once, and then nothing")
  void lastEvent() {
    outbox.attach(new Listener("a", 2), 0, 0, 0);
    outbox.append("abc");
    outbox.finish(LAST);
    assertThat(pieces(0)).containsExactly("0:ab");
    outbox.credit(key("a"), 2, 0, 0);
    assertThat(pieces(0)).containsExactly("2:c", "last");
    assertThat(pieces(99_999)).isEmpty();
    assertThat(outbox.isDeserted()).isTrue();
  }

  @Test
  @DisplayName("sends the last event at once where the rest of the text is not ours to send")
  void cut() {
    outbox.attach(new Listener("a", 2), 0, 0, 0);
    outbox.append("abcdef");
    outbox.cut(LAST);
    assertThat(pieces(0)).containsExactly("last");
  }

  @Test
  @DisplayName("replays from any offset, to late listeners too")
  void follow() {
    outbox.append("ab🦉cd");
    outbox.attach(new Listener("a", 100), 1, 0, 0);
    assertThat(pieces(0)).containsExactly("1:b🦉cd");
    outbox.attach(new Listener("a", 100), 3, 0, 0);
    assertThat(pieces(0)).as("a whole pair").containsExactly("2:🦉cd");
    outbox.attach(new Listener("a", 100), 99, 0, 0);
    outbox.finish(LAST);
    assertThat(pieces(0)).containsExactly("last");
  }

  @Test
  @DisplayName("says that it is alive in any silence, also while a window is full")
  void alive() {
    outbox.attach(new Listener("a", 1), 0, 0, 0);
    assertThat(pieces(1_499)).isEmpty();
    assertThat(pieces(1_500)).containsExactly("alive");
    assertThat(pieces(2_999)).isEmpty();
    outbox.append("abc");
    assertThat(pieces(2_999)).containsExactly("0:a");
    assertThat(pieces(4_499)).containsExactly("alive");
    outbox.finish(LAST);
    assertThat(pieces(6_000)).containsExactly("alive");
  }

  @Test
  @DisplayName("drops a listener that is silent, and counts from then on how long nobody listens")
  void silence() {
    outbox.attach(new Listener("a", 10), 0, 0, 0);
    outbox.attach(new Listener("b", 10), 0, 0, 0);
    outbox.credit(key("b"), 0, 0, 3_000);
    outbox.dropSilent(Duration.ofSeconds(5), 5_000);
    assertThat(outbox.followers())
        .extracting(follower -> follower.listener().inbox())
        .containsExactly("b");
    outbox.detach(key("b"), 6_000);
    assertThat(outbox.isDesertedFor(Duration.ofSeconds(120), 125_999)).isFalse();
    assertThat(outbox.isDesertedFor(Duration.ofSeconds(120), 126_000)).isTrue();
  }

  @Test
  @DisplayName("is jammed only while every listener is more than a window behind")
  void jammed() {
    outbox.append("0123456789");
    assertThat(outbox.isJammed()).as("with nobody attached").isFalse();
    outbox.attach(new Listener("slow", 4), 0, 0, 0);
    pieces(0);
    assertThat(outbox.isJammed()).isTrue();
    outbox.attach(new Listener("quick", 4), 8, 0, 0);
    assertThat(outbox.isJammed()).isFalse();
    outbox.detach(key("quick"), 0);
    assertThat(outbox.isJammed()).isTrue();
    outbox.credit(key("slow"), 4, 0, 0);
    pieces(0);
    assertThat(outbox.isJammed()).isFalse();
  }

  @Test
  @DisplayName("tells the listeners of one inbox apart: each has its own window and its own place")
  void oneInbox() {
    outbox.attach(new Listener("a", 1, 2, false), 0, 0, 0);
    outbox.attach(new Listener("a", 2, 100, false), 3, 0, 0);
    outbox.append("abcdef");
    assertThat(piecesOf(1)).containsExactly("0:ab");
    outbox.credit(new ListenerKey("a", 2), 6, 0, 0);
    assertThat(pieces(0)).isEmpty();
    outbox.credit(new ListenerKey("a", 1), 2, 0, 0);
    assertThat(piecesOf(1)).containsExactly("2:cd");

    outbox.attach(new Listener("a", 1, 1, false), 1, 0, 0);
    assertThat(piecesOf(1)).as("attached again").containsExactly("1:b");
    outbox.detach(new ListenerKey("a", 1), 0);
    outbox.finish(LAST);
    assertThat(piecesOf(2)).containsExactly("last");
    assertThat(outbox.isDeserted()).isTrue();
  }

  @Test
  @DisplayName("brings every listener exactly the text, whatever happens in between")
  void everyListenerGetsTheText() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int round = 0; round < 300; round++) {
      new Story(random, "seed " + seed).tell();
    }
  }

  /** Random appends, credits, follows and detaches; each reader checks what it gets. */
  private static final class Story {
    private final Outbox outbox = new Outbox(TURN, FENCE, 1_000_000, Duration.ofSeconds(1));
    private final Map<ListenerKey, Reader> readers = new HashMap<>();
    private final StringBuilder said = new StringBuilder();
    private final Random random;
    private final String name;

    private Story(Random random, String name) {
      this.random = random;
      this.name = name;
    }

    private void tell() {
      for (int step = 0; step < 200; step++) {
        Reader reader = readers.computeIfAbsent(
            new ListenerKey("r" + random.nextInt(2), random.nextInt(2)), Reader::new);
        switch (random.nextInt(6)) {
          case 0, 1 -> append();
          case 2 -> reader.follow(random.nextInt(reader.text.length() + 1));
          case 3 -> outbox.detach(ListenerKey.of(reader.listener), step);
          default -> reader.credit(random.nextInt(reader.text.length() + 1));
        }
        deliver(step);
      }
      outbox.finish(LAST);
      for (Reader reader : readers.values()) {
        reader.follow(reader.text.length());
        while (!reader.ended) {
          reader.credit(reader.text.length());
          deliver(1_000);
        }
        assertThat(reader.text.toString()).as(name).isEqualTo(said.toString());
      }
      assertThat(outbox.isDeserted()).as(name).isTrue();
    }

    private void append() {
      String piece =
          List.of("", "a", "bc", "🦉", "x🦉", "🦉🦉🦉", "some more text").get(random.nextInt(7));
      said.append(piece);
      outbox.append(piece);
    }

    private void deliver(long now) {
      for (Outbox.Parcel parcel : outbox.outgoing(now)) {
        readers.get(ListenerKey.of(parcel.to())).take(parcel.event());
      }
    }

    private final class Reader {
      private final StringBuilder text = new StringBuilder();
      private Listener listener;
      private int acknowledged;
      private boolean ended;

      private Reader(ListenerKey key) {
        listener = new Listener(key.inbox(), key.id(), 1, false);
      }

      private void follow(int after) {
        listener = new Listener(listener.inbox(), listener.id(), 1 + random.nextInt(8), false);
        int whole = Attachment.isInsidePair(text, after) ? after - 1 : after;
        acknowledged = whole;
        text.setLength(whole);
        outbox.attach(listener, whole, 0, 0);
      }

      private void credit(int upTo) {
        acknowledged = Math.max(acknowledged, upTo);
        outbox.credit(ListenerKey.of(listener), upTo, 0, 0);
      }

      private void take(TurnEvent event) {
        assertThat(ended).as(name).isFalse();
        if (event instanceof Delta delta) {
          assertThat(delta.offset()).as(name).isEqualTo(text.length());
          text.append(delta.text());
          int open = text.length() - acknowledged;
          boolean onePair = open == 2 && Character.isHighSurrogate(text.charAt(acknowledged));
          assertThat(open <= listener.window() || onePair)
              .as(name + ": within the window")
              .isTrue();
          assertThat(Attachment.isInsidePair(said, text.length())).as(name).isFalse();
        } else {
          assertThat(event).as(name).isEqualTo(LAST);
          ended = true;
        }
      }
    }
  }

  private static ListenerKey key(String inbox) {
    return new ListenerKey(inbox, Listener.ONLY);
  }

  private List<String> pieces(long now) {
    return pieces(outbox.outgoing(now));
  }

  /** What goes out now to one of the listeners. */
  private List<String> piecesOf(long listener) {
    return pieces(outbox.outgoing(0).stream()
        .filter(parcel -> parcel.to().id() == listener)
        .toList());
  }

  private String asidesSent() {
    StringBuilder sent = new StringBuilder();
    for (Outbox.Parcel parcel : outbox.outgoing(0)) {
      if (parcel.event() instanceof Asides asides) {
        sent.append(asides.from()).append(" to ").append(asides.end());
      }
    }
    return sent.toString();
  }

  private static List<String> pieces(List<Outbox.Parcel> parcels) {
    List<String> pieces = new ArrayList<>();
    for (Outbox.Parcel parcel : parcels) {
      TurnEvent event = parcel.event();
      assertThat(event.fence()).isEqualTo(FENCE);
      if (event instanceof Delta delta) {
        pieces.add(delta.offset() + ":" + delta.text());
      } else {
        pieces.add(event instanceof Alive ? "alive" : "last");
      }
    }
    return pieces;
  }
}
