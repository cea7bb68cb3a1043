package io.consoul.gateway;

import io.consoul.fault.FaultException;
import io.consoul.message.AttachTurn;
import io.consoul.message.BusMessage;
import io.consoul.message.Listener;
import io.consoul.message.SessionRequest;
import io.consoul.message.TurnId;
import java.util.function.Consumer;

/**
 * The session of one turn as its stream asks it: to begin the turn, or to go on with it, and again while that may help. One
 * question is under way at most.
 */
final class TurnSession {

  private final TurnPeers peers;
  private final Listener listener;
  private final Consumer<BusMessage> replied;
  private final Consumer<FaultException> refused;
  private final TurnSearch search;
  private SessionRequest request;
  private boolean asking;

  /**
   * @param request the first question
   * @param refused told when asking again does not help, or when the turn could not be begun
   */
  TurnSession(
      SessionRequest request,
      TurnPeers peers,
      Listener listener,
      Consumer<BusMessage> replied,
      Consumer<FaultException> refused) {
    this.request = request;
    this.peers = peers;
    this.listener = listener;
    this.replied = replied;
    this.refused = refused;
    this.search = new TurnSearch(peers.patience().toMillis());
  }

  /** Whether the question is about a turn that was begun before. */
  boolean isAttaching() {
    return request instanceof AttachTurn;
  }

  void ask() {
    asking = true;
    peers
        .ask(request)
        .onComplete(answered -> asking = false)
        .onSuccess(reply -> {
          search.answered();
          replied.accept(reply);
        })
        .onFailure(this::unanswered);
  }

  /** Asks for the turn from an offset on. */
  void attach(TurnId turn, int after) {
    request = new AttachTurn(turn, request.tenant(), after, listener);
    ask();
  }

  /** As above, for a turn whose provider does not say what it should; false when that was tried for long enough. */
  boolean lookFor(TurnId turn, int after, FaultException why) {
    if (search.isHopeless(peers.millis())) {
      return false;
    }
    search.begin(why, peers.millis());
    attach(turn, after);
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

  /**
   * To be called at every tick while there is no reply: asks again when it is time to.
   *
   * @param silent whether nothing has been heard for so long that it is time in any case
   */
  void tick(boolean silent) {
    if (!asking && (search.isDue() || silent)) {
      ask();
    }
  }

  private void unanswered(Throwable failure) {
    FaultException fault = ErrorBody.faultOf(failure);
    if (!isAttaching()) {
      refused.accept(fault);
    } else if (!search.goesOnAfter(fault, peers.millis())) {
      refused.accept(search.verdict(fault));
    }
  }
}
