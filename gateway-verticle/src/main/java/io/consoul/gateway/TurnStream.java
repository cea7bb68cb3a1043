package io.consoul.gateway;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.message.Accepted;
import io.consoul.message.BeginTurn;
import io.consoul.message.BusMessage;
import io.consoul.message.Completed;
import io.consoul.message.Delta;
import io.consoul.message.Queued;
import io.consoul.message.TurnEvent;
import io.consoul.message.TurnFailed;
import io.consoul.message.TurnId;

/**
 * One turn from the gateway's side: begins it at a session, takes its events, hands the answer on as fast as its client
 * takes it, gives the provider credit for what has left, and notices when a peer falls silent.
 *
 * <p>Confined to the event loop of its gateway instance.
 */
final class TurnStream {

  /** Ticks of {@link TurnStreams} without a sign of life after which a peer counts as gone. */
  static final int SILENT_TICKS = 20;

  private enum Stage {
    /** The session was asked and has not replied. */
    ASKING,
    QUEUED,
    ACCEPTED,
    /** The last event is here; text may still wait for a slow client. */
    ENDING,
    CLOSED
  }

  private final BeginTurn begin;
  private final TurnSink sink;
  private final TurnPeers peers;
  private final TurnStreams streams;
  private final long begun;
  private final Receiver receiver = new Receiver();
  private final TurnProvider provider;
  private Stage stage = Stage.ASKING;
  private boolean repeated;

  /** From an attempt that may have been passed over; whether it counts is known with the acceptance. */
  private TurnFailed leaseLost;

  private Runnable lastWord;
  private int silentTicks;

  TurnStream(BeginTurn begin, TurnSink sink, TurnPeers peers, TurnStreams streams) {
    this.begin = begin;
    this.sink = sink;
    this.peers = peers;
    this.streams = streams;
    this.begun = peers.millis();
    this.provider = new TurnProvider(begin.turn(), peers, sink, receiver, this::lost);
  }

  TurnId turn() {
    return begin.turn();
  }

  /** Sends the turn to a session. Its sink may be called before this returns. */
  void begin() {
    stage = Stage.ASKING;
    peers.begin(begin).onSuccess(this::reply).onFailure(this::notBegun);
  }

  /** What came to the inbox for this turn. */
  void deliver(BusMessage message) {
    if (stage == Stage.CLOSED || stage == Stage.ENDING) {
      return;
    }
    if (message instanceof TurnEvent event) {
      if (isOfTheSession(event) || receiver.admits(event.fence())) {
        silentTicks = 0;
        event(event);
      }
    } else {
      silentTicks = 0;
      reply(message);
    }
  }

  /** The sink takes text again: hands on what waits, and gives credit for what has left. */
  void writable() {
    while (stage != Stage.CLOSED && receiver.hasNews() && sink.isWritable()) {
      int offset = receiver.handedOn();
      sink.text(offset, receiver.handOn());
    }
    if (stage == Stage.ACCEPTED) {
      provider.creditWhenDue();
    } else if (stage == Stage.ENDING && !receiver.hasNews()) {
      close();
      lastWord.run();
    }
  }

  /** The client is gone. The turn runs on. */
  void detach() {
    if (stage != Stage.CLOSED) {
      leave();
    }
  }

  void tick() {
    silentTicks++;
    if (stage == Stage.ACCEPTED) {
      provider.tick();
    }
    if (silentTicks < SILENT_TICKS) {
      return;
    }
    if (stage == Stage.QUEUED) {
      repeated = false;
      silentTicks = 0;
      begin();
    } else if (stage == Stage.ACCEPTED) {
      failAndLeave(Fault.LLM_UNAVAILABLE.retryAfter(1, "The model provider fell silent."));
    }
  }

  private void reply(BusMessage reply) {
    if (stage == Stage.CLOSED) {
      if (reply instanceof Accepted late) {
        provider.isAt(late.providerInbox());
        leave();
      }
    } else if (stage == Stage.ENDING) {
      return;
    } else if (reply instanceof Accepted accepted) {
      accepted(accepted);
    } else if (reply instanceof Queued) {
      stage = stage == Stage.ACCEPTED ? stage : Stage.QUEUED;
      silentTicks = 0;
    } else {
      fail(Fault.INTERNAL_ERROR.because(), 0);
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
    provider.isAt(accepted.providerInbox());
    if (leaseLost != null && leaseLost.fence() == accepted.fence()) {
      fail(leaseLost);
      return;
    }
    writable();
    provider.followWhenGap();
  }

  /**
   * Nothing was heard of the turn, or it was refused. The catalogue cannot tell a session that did not answer from one
   * without its store, so both are asked once more.
   */
  private void notBegun(Throwable failure) {
    if (stage != Stage.ASKING && stage != Stage.QUEUED) {
      return;
    }
    FaultException fault = ErrorBody.faultOf(failure);
    if (stage == Stage.QUEUED && fault.fault() == Fault.SESSION_STORAGE_UNAVAILABLE) {
      return; // it has been heard of since it was asked; should it fall silent it is asked again
    }
    if (fault.fault() == Fault.SESSION_STORAGE_UNAVAILABLE && !repeated) {
      repeated = true;
      begin();
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
        end(() -> sink.completed(completed, peers.millis() - begun));
      } else {
        provider.follow();
      }
    } else if (event instanceof TurnFailed failed) {
      if (stage != Stage.ACCEPTED && isLeaseLost(failed)) {
        leaseLost = failed;
      } else {
        fail(failed);
      }
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
      failAndLeave(ErrorBody.faultOf(failure));
    }
  }

  private void failAndLeave(FaultException fault) {
    int length = receiver.length();
    leave();
    sink.failed(fault, length);
  }

  private void fail(TurnFailed failed) {
    fail(failed.failure().toException(), failed.length());
  }

  private void fail(FaultException fault, int length) {
    end(() -> sink.failed(fault, length));
  }

  private void end(Runnable word) {
    lastWord = word;
    stage = Stage.ENDING;
    writable();
  }

  private void leave() {
    stage = Stage.CLOSED;
    streams.left(turn(), provider.inbox());
    provider.detach();
  }

  private void close() {
    stage = Stage.CLOSED;
    streams.ended(turn());
  }
}
