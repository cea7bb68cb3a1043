package io.consoul.acceptance.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.consoul.acceptance.StoredTurns;
import io.consoul.testkit.ChatClient;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.assertj.core.api.SoftAssertions;

/** Many that ask at the same time, each in a session and on a thread of its own; every third one over a WebSocket. */
final class Crowd {

  private static final Duration BEGINNING = Duration.ofSeconds(60);

  /** Longer than anybody tries. */
  private static final Duration ENDING = Duration.ofSeconds(120);

  private final List<Turn> turns = new ArrayList<>();
  private final List<Thread> threads = new ArrayList<>();

  private Crowd() {}

  /**
   * They begin at once.
   *
   * @param words of each answer
   */
  static Crowd ask(String name, int many, int words, Entrances nodes) {
    return of(
        IntStream.range(0, many)
            .mapToObj(i -> new Turn(name + "-" + i, name + "-" + i, words))
            .toList(),
        nodes);
  }

  /** Others that hear the same answers. */
  Crowd follow(Entrances nodes) {
    return of(turns.stream().map(Turn::followed).toList(), nodes);
  }

  private static Crowd of(List<Turn> turns, Entrances nodes) {
    Crowd crowd = new Crowd();
    for (Turn turn : turns) {
      Asker asker = crowd.turns.size() % 3 == 2 ? new SocketAsker(nodes) : new StreamAsker(nodes);
      crowd.turns.add(turn);
      crowd.threads.add(new Thread(
          () -> {
            try (asker) {
              asker.ask(turn);
            }
          },
          "asker in " + turn.session()));
    }
    crowd.threads.forEach(Thread::start);
    return crowd;
  }

  List<Turn> turns() {
    return turns;
  }

  /** Waits until everybody has heard so many characters. */
  Crowd awaitHeard(int characters) {
    await("everybody hears")
        .atMost(BEGINNING)
        .untilAsserted(() -> assertThat(turns)
            .allMatch(
                turn -> turn.transcript().isOver() || turn.transcript().length() >= characters));
    return this;
  }

  /** Waits until everybody has heard so many characters more than now, or has the end. */
  Crowd awaitMore(int characters) {
    int[] lengths = turns.stream().mapToInt(turn -> turn.transcript().length()).toArray();
    await("everybody hears more")
        .atMost(BEGINNING)
        .until(() -> IntStream.range(0, lengths.length).allMatch(i -> {
          Transcript transcript = turns.get(i).transcript();
          return transcript.isOver() || transcript.length() >= lengths[i] + characters;
        }));
    return this;
  }

  /** None has its end yet: what happens now happens to all of them. */
  void assertInMidAnswer() {
    assertThat(turns).noneMatch(turn -> turn.transcript().isOver(), "is over");
  }

  /** How many connections were lost in mid-answer, up to now. */
  int breaks() {
    return count(Transcript::breaks);
  }

  /** Waits until everybody has the whole answer, or has given up. */
  Crowd awaitEnd() {
    await("everybody has an answer")
        .atMost(ENDING)
        .until(() -> threads.stream().noneMatch(Thread::isAlive));
    return this;
  }

  /**
   * Each has the whole answer, which is what is stored, once, and what the model says to this question.
   *
   * @param node that tells what is stored
   */
  void assertWhole(ChatClient node) {
    SoftAssertions softly = new SoftAssertions();
    for (Turn turn : turns) {
      softly.check(() -> assertWhole(turn, node));
    }
    softly.assertAll();
  }

  private static void assertWhole(Turn turn, ChatClient node) {
    Transcript transcript = turn.transcript();
    assertThat(transcript.failure()).as("%s", turn).isNull();
    assertThat(transcript.gaps()).as("%s", turn).isEmpty();
    assertThat(transcript.done()).as("%s", turn).isNotNull();
    assertThat(transcript.done().getString("finish_reason")).as("%s", turn).isEqualTo("stop");
    List<JsonObject> stored = StoredTurns.messages(node, turn.session());
    assertThat(stored).as("what is stored of %s", turn).hasSize(2);
    assertThat(stored.get(0).getString("content")).isEqualTo(turn.message());
    assertThat(stored.get(1).getString("content")).isEqualTo(transcript.text());
    assertThat(stored.get(1).getString("finish_reason")).as("%s", turn).isEqualTo("stop");
    assertThat(stored.get(1).getString("turn_id"))
        .isEqualTo(transcript.done().getString("turn_id"));
    assertThat(transcript.text()).as("%s", turn).isEqualTo(turn.answer());
  }

  /** What a fault meant for those who were listening when it happened. */
  Effect effect(long fault) {
    List<Duration> pauses =
        turns.stream().map(turn -> turn.transcript().pauseAt(fault)).sorted().toList();
    int cutBack =
        turns.stream().mapToInt(turn -> turn.transcript().cutBack()).max().orElse(0);
    return new Effect(pauses, cutBack, count(Transcript::errors), breaks());
  }

  private int count(Function<Transcript, List<String>> what) {
    return turns.stream().map(Turn::transcript).map(what).mapToInt(List::size).sum();
  }

  /**
   * The readers' view of a fault.
   *
   * @param pauses the longest of each, the shortest first
   * @param cutBack the most characters that were taken back from anybody, whenever
   * @param errors that were shown, in all
   * @param breaks of connections, in all
   */
  record Effect(List<Duration> pauses, int cutBack, int errors, int breaks) {

    Duration median() {
      return pauses.get(pauses.size() / 2);
    }

    Duration longest() {
      return pauses.get(pauses.size() - 1);
    }

    @Override
    public String toString() {
      return "streams pause for " + median().toMillis() + " ms (median), "
          + longest().toMillis() + " ms (longest); cut back by " + cutBack
          + " characters at most; errors shown " + errors + ", connections lost " + breaks;
    }
  }
}
