package io.consoul.provider;

import io.consoul.message.AnswerTurn;
import io.consoul.message.Hello;
import io.consoul.message.Kind;
import io.consoul.message.SessionRequest;
import io.consoul.message.StoreState;
import io.consoul.node.Directory;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Which session instance takes what is written about one turn: the one that sent it while it lives, else the one that now owns its
 * session. One that has let us down is left for another that has the same store before it.
 */
final class SessionSeat {

  private final Directory directory;
  private final String key;
  private String inbox;

  SessionSeat(Directory directory, AnswerTurn order) {
    this.directory = directory;
    this.key = SessionRequest.sessionKey(order.tenant(), order.turn().session());
    this.inbox = order.sessionInbox();
  }

  /** Whom to ask now. */
  String inbox() {
    if (!directory.knows(inbox)) {
      owner().ifPresent(owner -> inbox = owner.inbox());
    }
    return inbox;
  }

  /**
   * This one does not answer, or cannot do it.
   *
   * @return whether there is another to ask
   */
  boolean leave(String failed) {
    if (!inbox.equals(failed)) {
      return true; // somebody else was quicker
    }
    List<Hello> serving = directory.serving(Kind.SESSION);
    String node = nodeOf(failed, serving);
    Optional<Hello> other = Stream.concat(owner().stream(), serving.stream())
        .filter(hello -> !hello.inbox().equals(failed) && sharesItsStore(hello))
        // What ails an instance mostly ails its node: there is no time to try them all.
        .min(Comparator.comparing(hello -> hello.node().equals(node)));
    other.ifPresent(hello -> inbox = hello.inbox());
    return other.isPresent();
  }

  /** Null where nothing is heard of it any more. */
  private static String nodeOf(String inbox, List<Hello> serving) {
    return serving.stream()
        .filter(hello -> hello.inbox().equals(inbox))
        .map(Hello::node)
        .findFirst()
        .orElse(null);
  }

  private Optional<Hello> owner() {
    return directory.pickFor(Kind.SESSION, key);
  }

  /** What is in one instance's memory no other one knows: to ask it would be to be told that there is no such session. */
  private static boolean sharesItsStore(Hello hello) {
    return hello.store() == null
        || hello.store() != StoreState.MEMORY && hello.store().isWhole();
  }
}
