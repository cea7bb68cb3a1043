package io.consoul.acceptance.cluster;

import io.consoul.testkit.HttpAnswer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/** Talks in one session, one turn after the other, until it is told to stop. */
final class Visitor implements AutoCloseable {

  /** How a visitor asks. */
  enum Way {
    PLAIN,
    STREAM,
    SOCKET
  }

  private final String name;
  private final String session;
  private final Way way;
  private final Entrances nodes;
  private final int words;
  private final List<Turn> turns = new CopyOnWriteArrayList<>();
  private final Thread thread;
  private volatile boolean leaving;

  /** In a session of its own. It begins at once. */
  Visitor(String session, Way way, int words, Entrances nodes) {
    this(session, session, way, words, nodes);
  }

  /** In a session that others may be in, too. */
  Visitor(String name, String session, Way way, int words, Entrances nodes) {
    this.name = name;
    this.session = session;
    this.way = way;
    this.words = words;
    this.nodes = nodes;
    this.thread = new Thread(this::talk, "visitor " + name);
    thread.start();
  }

  String session() {
    return session;
  }

  Way way() {
    return way;
  }

  /** In the order in which they were asked. */
  List<Turn> turns() {
    return turns;
  }

  /** Asks nothing more; what is being answered is waited for. */
  void leave() {
    leaving = true;
  }

  boolean hasLeft() {
    return !thread.isAlive();
  }

  @Override
  public void close() {
    leave();
  }

  private void talk() {
    try (Asker asker = asker()) {
      while (!leaving) {
        Turn turn = new Turn(session, name + "-" + turns.size(), words);
        turns.add(turn);
        asker.ask(turn);
      }
    }
  }

  private Asker asker() {
    return switch (way) {
      case PLAIN -> new Plain();
      case STREAM -> new StreamAsker(nodes);
      case SOCKET -> new SocketAsker(nodes);
    };
  }

  /** One request for the whole answer, and no second one. */
  private final class Plain extends Asker {

    @Override
    void begin(Transcript transcript) {}

    @Override
    void attempt(Turn turn) {
      Transcript transcript = turn.transcript();
      try {
        HttpAnswer answer = nodes.next().chat(session, turn.message(), Map.of());
        if (answer.status() == 200) {
          transcript.whole(answer.json());
        } else {
          transcript.refused(answer.toString());
          transcript.failed("refused with " + answer);
        }
      } catch (RuntimeException | AssertionError lost) {
        transcript.refused("no answer: " + lost);
        transcript.failed("no answer: " + lost);
      }
    }
  }
}
