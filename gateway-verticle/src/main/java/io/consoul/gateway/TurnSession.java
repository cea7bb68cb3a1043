package io.consoul.gateway;

import io.consoul.fault.FaultException;
import io.consoul.message.BusMessage;
import io.consoul.message.SessionRequest;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The session of one turn as its stream asks it: to begin the turn, or to go on with it, and again while that may help. Of
 * several questions the last one counts.
 */
final class TurnSession {

  private final TurnPeers peers;
  private final Consumer<BusMessage> replied;
  private final Consumer<FaultException> refused;
  private final TurnSearch search;
  private final PeerWatch watch;
  private Supplier<? extends SessionRequest> question;
  private boolean attaching;
  private boolean asking;
  private int asked;

  /**
   * @param attaching whether the question is about a turn that was begun before
   * @param refused told when asking again does not help, or when the turn could not be begun
   */
  TurnSession(
      Supplier<? extends SessionRequest> first,
      boolean attaching,
      TurnPeers peers,
      Consumer<BusMessage> replied,
      Consumer<FaultException> refused) {
    this.question = first;
    this.attaching = attaching;
    this.peers = peers;
    this.replied = replied;
    this.refused = refused;
    this.search = new TurnSearch(peers.patience().toMillis());
    this.watch = new PeerWatch(peers);
  }

  /** Whether the question is about a turn that was begun before. */
  boolean isAttaching() {
    return attaching;
  }

  void ask() {
    int number = ++asked;
    SessionRequest request = question.get();
    String session = peers.sessionOf(request);
    watch.of(session);
    asking = true;
    peers.ask(session, request).onComplete(reply -> {
      if (number != asked) {
        return;
      }
      asking = false;
      if (reply.succeeded()) {
        search.answered();
        replied.accept(reply.result());
      } else {
        unanswered(ErrorBody.faultOf(reply.cause()));
      }
    });
  }

  /** Asks for the turn from where its stream is whenever it is asked. */
  void attach(Supplier<? extends SessionRequest> attachment) {
    question = attachment;
    attaching = true;
    ask();
  }

  /** As above, for a turn whose provider does not say what it should; false when that was tried for long enough. */
  boolean lookFor(Supplier<? extends SessionRequest> attachment, FaultException why) {
    if (search.isHopeless(peers.millis())) {
      return false;
    }
    search.begin(why, peers.millis());
    attach(attachment);
    return true;
  }

  /** It is not known yet where the turn is: asks again after a pause. */
  void askLater() {
    search.found();
    search.again();
  }

  /** There was a sign of life of the turn. */
  void heard() {
    search.found();
  }

  /** To be called at every tick while its answer is awaited: whether the instance that was asked has gone. */
  boolean hasLeft() {
    return watch.hasLeft();
  }

  /**
   * To be called at every tick while there is no reply: asks again when it is time to, and another instance at once where the one
   * that was asked has gone.
   *
   * @param silent whether nothing has been heard for so long that it is time in any case
   */
  void tick(boolean silent) {
    if (asking ? hasLeft() : search.isDue() || silent) {
      ask();
    }
  }

  private void unanswered(FaultException fault) {
    if (!attaching) {
      refused.accept(fault);
    } else if (!search.goesOnAfter(fault, peers.millis())) {
      refused.accept(search.verdict(fault));
    }
  }
}
