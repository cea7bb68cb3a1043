package io.consoul.gateway;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.message.Accepted;
import io.consoul.message.AttachTurn;
import io.consoul.message.BeginTurn;
import io.consoul.message.BusMessage;
import io.consoul.message.Completed;
import io.consoul.message.Credit;
import io.consoul.message.Cuts;
import io.consoul.message.Delta;
import io.consoul.message.Following;
import io.consoul.message.Heard;
import io.consoul.message.Listener;
import io.consoul.message.Queued;
import io.consoul.message.Replayed;
import io.consoul.message.SessionRequest;
import io.consoul.message.StreamMessage;
import io.consoul.message.Tenant;
import io.consoul.message.TurnEvent;
import io.consoul.message.TurnFailed;
import io.consoul.message.TurnId;
import java.util.Optional;

/**
 * One turn as one client follows it: begins it at a session or attaches to it, takes its events or its stored answer,
 * hands the answer on as fast as the client takes it, gives the provider credit for what has left, and asks the session
 * again when a peer falls silent.
 *
 * <p>Confined to the event loop of its gateway instance.
 */
final class TurnStream implements Listening {

  private enum Stage {
    /** The session was asked and has not replied. */
    ASKING,
    QUEUED,
    ACCEPTED,
    /** A piece from the store is here; the next one is asked for when the client has taken it. */
    REPLAYING,
    /** The last event is here; text may still wait for a slow client. */
    ENDING,
    ENDED,
    /** The client is gone, and the turn may not be. */
    LEFT
  }

  private final TurnSink sink;
  private final TurnPeers peers;
  private final TurnStreams streams;
  private final Listener listener;
  private final Tenant tenant;
  private final Receiver receiver;
  private final TurnProvider provider;
  private final TurnSession session;
  private final StoredAnswer stored = new StoredAnswer();
  private final Acceptance acceptance = new Acceptance();
  private final Silence silence = new Silence();
  private TurnId turn;
  private Stage stage = Stage.ASKING;
  private boolean repeated;
  private Runnable lastWord;

  TurnStream(
      SessionRequest request,
      Listener listener,
      TurnSink sink,
      TurnPeers peers,
      TurnStreams streams) {
    this.listener = listener;
    this.sink = sink;
    this.peers = peers;
    this.streams = streams;
    this.tenant = request.tenant();
    if (request instanceof AttachTurn attach) {
      this.turn = attach.turn();
      this.receiver = new Receiver(attach.after(), attach.cuts());
      this.session = new TurnSession(this::search, true, peers, this::reply, this::refused);
    } else {
      this.turn = ((BeginTurn) request).turn();
      this.receiver = new Receiver(0, 0);
      this.session = new TurnSession(() -> request, false, peers, this::reply, this::refused);
    }
    this.provider = new TurnProvider(
        listener.id(),
        peers,
        sink::isWritable,
        receiver,
        new Overheard(Credit.ALL),
        this::followed,
        this::lost);
  }

  /** The one that was asked for, or the one that runs under its idempotency key. */
  TurnId turn() {
    return turn;
  }

  /** Sends the request to a session. The sink may be called before this returns. */
  void start() {
    stage = Stage.ASKING;
    session.ask();
  }

  @Override
  public void deliver(StreamMessage message) {
    if (isOver() || stage == Stage.ENDING || stage == Stage.REPLAYING) {
      return;
    }
    if (message instanceof TurnEvent event) {
      if (acceptance.isRefusal(event) || receiver.admits(event.fence())) {
        heard();
        turn = event.turn();
        event(event);
      }
    } else {
      heard();
      reply(message);
    }
  }

  /** The sink takes text again: hands on what waits, and asks for more. */
  void writable() {
    while (!isOver() && receiver.hasNews() && sink.isWritable()) {
      int offset = receiver.handedOn();
      sink.text(turn, receiver.cuts(), offset, receiver.handOn());
    }
    if (stage == Stage.ACCEPTED) {
      provider.creditWhenDue();
    } else if (stage == Stage.REPLAYING && !receiver.hasNews()) {
      nextPiece();
    } else if (stage == Stage.ENDING && !receiver.hasNews()) {
      close();
      lastWord.run();
    }
  }

  /** The client is gone. The turn runs on. */
  void detach() {
    if (!isOver()) {
      stage = Stage.LEFT;
      streams.left(listener.id(), provider.inbox());
      provider.detach();
    }
  }

  /** The client may not have the rest of the answer, and is told why. The turn runs on as if it were gone. */
  void refuse(FaultException refusal) {
    if (!isOver()) {
      detach();
      sink.failed(turn, refusal, receiver.length());
    }
  }

  @Override
  public void tick() {
    boolean silent = silence.lasts();
    if (stage == Stage.ASKING) {
      session.tick(silent);
    } else if (stage == Stage.QUEUED && (silent || session.hasLeft())) {
      repeated = false;
      start();
    } else if (stage == Stage.ACCEPTED) {
      provider.tick();
      lookAfterProvider(silent);
    }
  }

  private void lookAfterProvider(boolean silent) {
    if (acceptance.isOutdatedBy(receiver.fence())) {
      lookFor(Fault.LLM_UNAVAILABLE.retryAfter(1, "The model provider has lost the turn."));
    } else {
      provider.trouble(silent).ifPresent(this::lookFor);
    }
  }

  private void heard() {
    silence.broken();
    session.heard();
  }

  private void reply(BusMessage reply) {
    if (stage == Stage.ENDING || stage == Stage.ENDED) {
      return;
    }
    if (stage == Stage.LEFT) {
      if (reply instanceof Accepted late) {
        provider.isAt(late.providerInbox(), late.turn());
        streams.left(listener.id(), provider.inbox());
        provider.detach();
      }
    } else if (reply instanceof Accepted accepted) {
      accepted(accepted);
    } else if (reply instanceof Replayed replayed) {
      replayed(replayed);
    } else if (reply instanceof Queued) {
      queued();
    } else {
      fail(Fault.INTERNAL_ERROR.because(), 0);
    }
  }

  private void queued() {
    if (stage == Stage.ACCEPTED) {
      return;
    }
    silence.broken();
    if (session.isAttaching()) {
      session.askLater(); // only its first listener is told how a waiting turn gets on
    } else {
      stage = Stage.QUEUED;
    }
  }

  private void accepted(Accepted told) {
    if (!receiver.admits(told.fence())) {
      // Passed over by now. Who has it will be told, or is asked for when nothing more is heard.
      stage = stage == Stage.ASKING ? Stage.QUEUED : stage;
      return;
    }
    stage = Stage.ACCEPTED;
    silence.broken();
    turn = told.turn();
    attempt(told.fence(), told.cuts());
    provider.isAt(told.providerInbox(), turn);
    if (told.historyUnavailable()) {
      sink.historyUnavailable();
    }
    Optional<FaultException> doubt = acceptance.doubt();
    if (doubt.isPresent()) {
      lookFor(doubt.get());
      return;
    }
    writable();
    provider.followWhenGap();
    acceptance.end().ifPresent(this::event);
  }

  /** The provider has sent again from what was here, perhaps in another attempt than was known. */
  private void followed(Following following) {
    if (stage == Stage.ACCEPTED && receiver.admits(following.fence())) {
      attempt(following.fence(), following.cuts());
      writable();
    }
  }

  private void attempt(long fence, Cuts cuts) {
    acceptance.of(fence);
    if (!receiver.attempt(fence, cuts)) {
      provider.followLater();
    }
  }

  private void replayed(Replayed piece) {
    stage = Stage.REPLAYING;
    turn = piece.turn();
    provider.detach();
    provider.isGone();
    stored.came(piece, !session.isAttaching());
    session.heard();
    if (receiver.take(piece)) {
      writable();
    } else {
      pull(); // it was asked for before the text was cut back
    }
  }

  private void nextPiece() {
    switch (stored.next()) {
      case PIECE -> pull();
      case END -> {
        if (stored.piece().end() instanceof TurnFailed failed) {
          fail(failed);
        } else {
          event(stored.piece().end());
        }
      }
      case CUT_OFF -> {
        TurnFailed failed = (TurnFailed) stored.piece().end();
        end(() -> sink.cutOff(turn, failed.failure().toException(), failed.length()));
      }
      case BROKEN -> fail(Fault.INTERNAL_ERROR.because(), 0);
    }
  }

  private void pull() {
    stage = Stage.ASKING;
    session.attach(() -> attachment(null));
  }

  /** For the case that its provider is gone it tells what was heard of it last. */
  private AttachTurn search() {
    return attachment(receiver.heard());
  }

  private AttachTurn attachment(Heard heard) {
    return new AttachTurn(turn, tenant, receiver.length(), receiver.cuts(), heard, listener);
  }

  /** Nothing was heard of the turn, or it was refused. */
  private void refused(FaultException fault) {
    if (stage != Stage.ASKING && stage != Stage.QUEUED) {
      return;
    }
    if (session.isAttaching()) {
      giveUp(fault);
    } else {
      notBegun(fault);
    }
  }

  /** The catalogue cannot tell a session that did not answer from one without its store, so both are asked once more. */
  private void notBegun(FaultException fault) {
    boolean unanswered = fault.fault() == Fault.SESSION_STORAGE_UNAVAILABLE;
    if (stage == Stage.QUEUED && unanswered) {
      return; // it has been heard of since it was asked; should it fall silent it is asked again
    }
    if (unanswered && receiver.fence() > 0) {
      lookFor(fault); // it runs, whatever the session could not say
    } else if (unanswered && !repeated) {
      repeated = true;
      start();
    } else {
      fail(fault, 0);
    }
  }

  private void event(TurnEvent event) {
    if (event instanceof Delta delta) {
      if (receiver.take(delta)) {
        writable();
      } else {
        missing(delta.fence());
      }
    } else if (event instanceof Completed completed) {
      if (receiver.end(completed.fence(), completed.length())) {
        end(() -> sink.completed(completed));
      } else if (receiver.knows(completed.fence())) {
        provider.follow();
      } else {
        acceptance.isAheadOf(completed);
      }
    } else if (event instanceof TurnFailed failed) {
      failed(failed);
    }
  }

  private void missing(long attempt) {
    if (receiver.knows(attempt)) {
      provider.follow();
    } else {
      provider.followLater();
    }
  }

  private void failed(TurnFailed failed) {
    boolean kept = failed.fence() > 0 && failed.length() > 0;
    boolean leaseLost = Acceptance.isLeaseLost(failed);
    if (stage != Stage.ACCEPTED && leaseLost) {
      acceptance.isDoubtedBy(failed);
    } else if (leaseLost || kept && !receiver.end(failed.fence(), failed.length())) {
      lookFor(failed.failure().toException());
    } else {
      fail(failed);
    }
  }

  private void lost(Throwable failure) {
    if (stage == Stage.ACCEPTED) {
      lookFor(ErrorBody.faultOf(failure));
    }
  }

  /** The provider does not say what it should: the session knows who has the turn, or how it ended. */
  private void lookFor(FaultException fault) {
    stage = Stage.ASKING;
    if (!session.lookFor(this::search, fault)) {
      giveUp(fault);
    }
  }

  /** What is here still goes to the client. */
  private void giveUp(FaultException fault) {
    provider.detach();
    fail(fault, receiver.length());
  }

  private void fail(TurnFailed failed) {
    fail(failed.failure().toException(), failed.length());
  }

  private void fail(FaultException fault, int length) {
    end(() -> sink.failed(turn, fault, length));
  }

  private void end(Runnable word) {
    lastWord = word;
    stage = Stage.ENDING;
    writable();
  }

  private boolean isOver() {
    return stage == Stage.ENDED || stage == Stage.LEFT;
  }

  private void close() {
    stage = Stage.ENDED;
    streams.ended(listener.id());
  }
}
