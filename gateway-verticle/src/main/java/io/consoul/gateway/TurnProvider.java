package io.consoul.gateway;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.message.Following;
import io.consoul.message.TurnId;
import io.consoul.trace.RequestContext;
import io.vertx.core.AsyncResult;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * The provider that answers one turn, from when it is known: is given credit for what has left for the client, is asked
 * for what is missing, and is told when nobody listens any more.
 */
final class TurnProvider {

  /** Credits are repeated this often, for the provider drops a listener that it does not hear of. */
  private static final int CREDIT_TICKS = 6;

  /** The same in time, however patient this gateway is configured to be with the provider. */
  private static final long CREDIT_MILLIS = 1_500;

  /** Half of what a provider sends ahead. */
  private static final int ASIDES = 128;

  private final long listenerId;
  private final TurnPeers peers;
  private final BooleanSupplier writable;
  private final Receiver receiver;
  private final Overheard asides;
  private final Consumer<Following> followed;
  private final Consumer<Throwable> lost;
  private final PeerWatch watch;

  /** Pieces of the answer come outside of it, for they are too many; what they bring about is of it. */
  private final RequestContext request = RequestContext.current();

  private TurnId turn;
  private String inbox;
  private boolean gap;
  private boolean following;
  private int credited;
  private int creditedAsides;
  private int ticksSinceCredit;
  private long lastCredit;

  /**
   * @param writable whether the client takes more now
   * @param followed told what it says when it sends again
   * @param lost told why what is missing will not come
   */
  TurnProvider(
      long listenerId,
      TurnPeers peers,
      BooleanSupplier writable,
      Receiver receiver,
      Overheard asides,
      Consumer<Following> followed,
      Consumer<Throwable> lost) {
    this.listenerId = listenerId;
    this.peers = peers;
    this.writable = writable;
    this.receiver = receiver;
    this.asides = asides;
    this.creditedAsides = asides.handedOn();
    this.followed = followed;
    this.lost = lost;
    this.watch = new PeerWatch(peers);
  }

  /** Null until it is known. */
  String inbox() {
    return inbox;
  }

  void isAt(String newInbox, TurnId newTurn) {
    boolean handedOn = inbox != null && !newInbox.equals(inbox);
    turn = newTurn;
    inbox = newInbox;
    watch.of(newInbox);
    if (handedOn) {
      following = false; // the other one was asked
      credit();
    }
  }

  /** It is not known any longer where the turn is. */
  void isGone() {
    inbox = null;
    following = false;
  }

  /** Has it send again from what is here, at once or when it is known. */
  void follow() {
    if (inbox == null || following) {
      gap = true;
      return;
    }
    following = true;
    gap = false;
    String asked = inbox;
    request.run(() -> peers
        .follow(inbox, turn, receiver.length(), asides.count(), receiver.cuts(), listenerId)
        .onComplete(result -> followed(asked, result)));
  }

  private void followed(String asked, AsyncResult<Following> result) {
    if (!asked.equals(inbox) || !following) {
      return;
    }
    following = false;
    if (result.succeeded()) {
      followed.accept(result.result());
      followWhenGap(); // more may have been missed meanwhile
    } else {
      lost.accept(result.cause());
    }
  }

  /** Something is missing of an attempt that is not known yet: it is asked for when it is. */
  void followLater() {
    gap = true;
  }

  void followWhenGap() {
    if (gap) {
      follow();
    }
  }

  void creditWhenDue() {
    if (writable.getAsBoolean() && isDue()) {
      credit();
    }
  }

  void tick() {
    if (++ticksSinceCredit >= CREDIT_TICKS || peers.millis() - lastCredit >= CREDIT_MILLIS) {
      credit();
    }
  }

  /**
   * To be called at every tick.
   *
   * @param silent whether it has said nothing for too long
   * @return why nothing more is to be expected of it
   */
  Optional<FaultException> trouble(boolean silent) {
    if (watch.hasLeft()) {
      return Optional.of(Fault.LLM_UNAVAILABLE.retryAfter(1, "The model provider is gone."));
    }
    return silent
        ? Optional.of(Fault.LLM_UNAVAILABLE.retryAfter(1, "The model provider fell silent."))
        : Optional.empty();
  }

  void detach() {
    if (inbox != null) {
      peers.detach(inbox, turn, listenerId);
    }
  }

  private boolean isDue() {
    return Math.abs(receiver.handedOn() - credited) >= peers.window() / 2
        || asides.handedOn() - creditedAsides >= ASIDES;
  }

  /** What a client has not taken yet is not credited, but the provider hears of us. */
  private void credit() {
    if (writable.getAsBoolean()) {
      credited = receiver.handedOn();
      creditedAsides = asides.handedOn();
    }
    ticksSinceCredit = 0;
    lastCredit = peers.millis();
    peers.credit(inbox, turn, receiver.fence(), listenerId, credited, creditedAsides);
  }
}
