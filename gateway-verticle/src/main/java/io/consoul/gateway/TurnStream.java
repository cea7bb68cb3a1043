package io.consoul.gateway;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.message.Accepted;
import io.consoul.message.AttachTurn;
import io.consoul.message.BeginTurn;
import io.consoul.message.BusMessage;
import io.consoul.message.Completed;
import io.consoul.message.Credit;
import io.consoul.message.Delta;
import io.consoul.message.Listener;
import io.consoul.message.Queued;
import io.consoul.message.Replayed;
import io.consoul.message.SessionRequest;
import io.consoul.message.StreamMessage;
import io.consoul.message.TurnEvent;
import io.consoul.message.TurnFailed;
import io.consoul.message.TurnId;

/**
 * One turn as one client follows it: begins it at a session or attaches to it, takes its events or its stored answer,
 * hands the answer on as fast as the client takes it, gives the provider credit for what has left, and asks the session
 * again when a peer falls silent.
 *
 * <p>Confined to the event loop of its gateway instance.
 */
final class TurnStream implements Listening {

  /** Ticks of {@link TurnStreams} without a sign of life after which a peer counts as gone. */
  static final int SILENT_TICKS = 20;

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
  private final Receiver receiver;
  private final TurnProvider provider;
  private final TurnSession session;
  private TurnId turn;
  private Stage stage = Stage.ASKING;
  private boolean repeated;

  /** From an attempt that may have been passed over; whether it counts is known with the acceptance. */
  private TurnFailed leaseLost;

  private Replayed replay;

  /** Whether the turn was stored before we asked for it to run. */
  private boolean known;

  private Runnable lastWord;
  private int silentTicks;

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
    if (request instanceof AttachTurn attach) {
      this.turn = attach.turn();
      this.receiver = new Receiver(attach.after());
    } else {
      this.turn = ((BeginTurn) request).turn();
      this.receiver = new Receiver(0);
    }
    this.session = new TurnSession(request, peers, listener, this::reply, this::refused);
    this.provider = new TurnProvider(
        listener.id(), peers, sink::isWritable, receiver, new Overheard(Credit.ALL), this::lost);
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
      if (isOfTheSession(event) || receiver.admits(event.fence())) {
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
      sink.text(turn, offset, receiver.handOn());
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
    silentTicks++;
    if (stage == Stage.ACCEPTED) {
      provider.tick();
    }
    boolean silent = silentTicks >= SILENT_TICKS;
    silentTicks = silent ? 0 : silentTicks;
    if (stage == Stage.ASKING) {
      session.tick(silent);
    } else if (silent && stage == Stage.QUEUED) {
      repeated = false;
      start();
    } else if (silent) {
      lost(Fault.LLM_UNAVAILABLE.retryAfter(1, "The model provider fell silent."));
    }
  }

  private void heard() {
    silentTicks = 0;
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
    silentTicks = 0;
    if (session.isAttaching()) {
      session.askLater(); // only its first listener is told how a waiting turn gets on
    } else {
      stage = Stage.QUEUED;
    }
  }

  private void accepted(Accepted accepted) {
    if (!receiver.admits(accepted.fence())) {
      // Passed over by now. Who has it will be told, or is asked for when nothing more is heard.
      stage = stage == Stage.ASKING ? Stage.QUEUED : stage;
      return;
    }
    stage = Stage.ACCEPTED;
    silentTicks = 0;
    turn = accepted.turn();
    provider.isAt(accepted.providerInbox(), turn);
    if (accepted.historyUnavailable()) {
      sink.historyUnavailable();
    }
    if (leaseLost != null && leaseLost.fence() == accepted.fence()) {
      lookFor(leaseLost.failure().toException());
      return;
    }
    writable();
    provider.followWhenGap();
  }

  private void replayed(Replayed piece) {
    known |= !session.isAttaching();
    stage = Stage.REPLAYING;
    turn = piece.turn();
    provider.detach();
    provider.isGone();
    session.heard();
    replay = piece;
    receiver.admits(piece.end().fence());
    receiver.take(piece.delta());
    writable();
  }

  private void nextPiece() {
    if (!replay.isLast() && replay.text().isEmpty()) {
      fail(Fault.INTERNAL_ERROR.because(), 0); // it would be asked for over and over
    } else if (!replay.isLast()) {
      attach();
    } else if (replay.end() instanceof TurnFailed failed && known) {
      FaultException fault = failed.failure().toException();
      end(() -> sink.cutOff(turn, fault, failed.length()));
    } else if (replay.end() instanceof TurnFailed failed) {
      fail(failed);
    } else {
      event(replay.end());
    }
  }

  /** Goes on with the turn from what is here. */
  private void attach() {
    stage = Stage.ASKING;
    session.attach(turn, receiver.wantedFrom());
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
        provider.follow();
      }
    } else if (event instanceof Completed completed) {
      if (receiver.end(completed.fence(), completed.length())) {
        end(() -> sink.completed(completed));
      } else {
        provider.follow();
      }
    } else if (event instanceof TurnFailed failed) {
      failed(failed);
    }
  }

  private void failed(TurnFailed failed) {
    boolean incomplete = failed.fence() > 0 && failed.length() > receiver.length();
    if (stage != Stage.ACCEPTED && isLeaseLost(failed)) {
      leaseLost = failed;
    } else if (isLeaseLost(failed) || incomplete) {
      lookFor(failed.failure().toException());
    } else {
      fail(failed);
    }
  }

  /** Before it has accepted a turn it fails it under no fence, whatever attempts were heard of until then. */
  private boolean isOfTheSession(TurnEvent event) {
    return event.fence() == 0 && event instanceof TurnFailed && stage != Stage.ACCEPTED;
  }

  /** A provider that was passed over and wakes up says so; the turn goes on at another one. */
  private static boolean isLeaseLost(TurnFailed failed) {
    Fault fault = failed.failure().fault();
    return failed.fence() > 0
        && (fault == Fault.SESSION_LOCKED || fault == Fault.SESSION_NOT_FOUND);
  }

  private void lost(Throwable failure) {
    if (stage == Stage.ACCEPTED) {
      lookFor(ErrorBody.faultOf(failure));
    }
  }

  /** The provider does not say what it should: the session knows who has the turn, or how it ended. */
  private void lookFor(FaultException fault) {
    stage = Stage.ASKING;
    if (!session.lookFor(turn, receiver.wantedFrom(), fault)) {
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
