package io.consoul.gateway;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.message.Answering;
import io.consoul.message.Asides;
import io.consoul.message.CompleteChat;
import io.consoul.message.Completed;
import io.consoul.message.Cuts;
import io.consoul.message.Delta;
import io.consoul.message.StreamMessage;
import io.consoul.message.TurnEvent;
import io.consoul.message.TurnFailed;
import java.util.function.Consumer;

/**
 * One provider instance's answer to a completion: asks it, takes what it says, hands it on as fast as the client takes it and gives
 * credit for what has left.
 */
final class CompletionAttempt implements Listening {

  private enum Stage {
    RUNNING,
    /** The last event is here; text may still wait for a slow client. */
    ENDING,
    OVER
  }

  private final CompleteChat chat;
  private final String instance;
  private final CompletionSink sink;
  private final TurnPeers peers;
  private final TurnStreams streams;
  private final Consumer<FaultException> lost;
  private final StringBuilder said;
  private final Receiver receiver;
  private final Overheard asides = new Overheard(0);
  private final TurnProvider provider;
  private final Silence silence = new Silence();
  private Stage stage = Stage.RUNNING;
  private String model;
  private boolean begun;
  private boolean heard;
  private Runnable lastWord;

  /**
   * @param instance inbox of the provider instance
   * @param said what the client has of the answer; what it gets from here is added
   * @param lost told when the instance refuses, falls silent or is not there; the sink is not, then
   */
  CompletionAttempt(
      CompleteChat chat,
      String instance,
      StringBuilder said,
      CompletionSink sink,
      TurnPeers peers,
      TurnStreams streams,
      Consumer<FaultException> lost) {
    this.chat = chat;
    this.instance = instance;
    this.said = said;
    this.receiver = new Receiver(said.length(), said.isEmpty() ? 0 : 1);
    this.sink = sink;
    this.peers = peers;
    this.streams = streams;
    this.lost = lost;
    this.provider = new TurnProvider(
        chat.listener().id(),
        peers,
        sink::isWritable,
        receiver,
        asides,
        following -> {},
        this::giveUp);
    provider.isAt(instance, chat.turn());
  }

  void start() {
    streams.listen(chat.listener(), this);
    peers.complete(instance, chat).onSuccess(this::answering).onFailure(this::refused);
  }

  /** Whether another one can go on from what the client has: it can from text, and from nothing else. */
  boolean mayBeReplaced() {
    return asides.count() == 0;
  }

  @Override
  public void deliver(StreamMessage message) {
    boolean counts = !(message instanceof TurnEvent event) || receiver.admits(event.fence());
    if (stage != Stage.RUNNING || !counts) {
      return;
    }
    silence.broken();
    if (message instanceof TurnEvent event && !receiver.knows(event.fence())) {
      receiver.attempt(event.fence(), Cuts.NONE); // there is no other one under this name
    }
    heard |= message instanceof Delta || message instanceof Asides;
    if (message instanceof Delta delta) {
      orFollow(receiver.take(delta));
    } else if (message instanceof Asides more) {
      orFollow(asides.take(more));
    } else if (message instanceof Completed completed) {
      completed(completed);
    } else if (message instanceof TurnFailed failed) {
      failed(failed.failure().toException());
    }
  }

  /** The sink takes more: hands on what waits, and asks for more. */
  void writable() {
    while (isSpeaking() && (asides.hasNews() || receiver.hasNews()) && sink.isWritable()) {
      begin();
      if (asides.hasNews()) {
        asides.handOn().forEach(sink::aside);
      }
      if (receiver.hasNews()) {
        String piece = receiver.handOn();
        said.append(piece);
        sink.text(piece);
      }
    }
    if (stage == Stage.RUNNING) {
      provider.creditWhenDue();
    } else if (stage == Stage.ENDING && !asides.hasNews() && !receiver.hasNews()) {
      close();
      lastWord.run();
    }
  }

  /** Nobody wants the answer any more. */
  void leave() {
    if (stage != Stage.OVER) {
      stage = Stage.OVER;
      streams.left(chat.listener().id(), instance);
      provider.detach();
    }
  }

  @Override
  public void tick() {
    if (stage != Stage.RUNNING) {
      return;
    }
    provider.tick();
    provider.trouble(silence.lasts()).ifPresent(this::giveUp);
  }

  private void answering(Answering answering) {
    silence.broken();
    model = answering.model();
    receiver.attempt(answering.fence(), Cuts.NONE); // credits go under it
    writable();
  }

  /** What it has said by now shows that it took the request, whatever became of the acknowledgement. */
  private void refused(Throwable failure) {
    if (stage == Stage.RUNNING && heard) {
      model = asked();
      writable();
    } else if (stage == Stage.RUNNING) {
      giveUp(failure);
    }
  }

  private void orFollow(boolean taken) {
    if (taken) {
      writable();
    } else {
      provider.follow();
    }
  }

  private void completed(Completed completed) {
    boolean whole =
        receiver.end(completed.fence(), completed.length()) && asides.count() >= completed.asides();
    if (!whole) {
      provider.follow();
      return;
    }
    model = model == null ? completed.model() : model;
    end(() -> {
      begin();
      sink.completed(completed);
    });
  }

  /** A provider that is being stopped has said so; another one may go on. */
  private void failed(FaultException failure) {
    if (failure.fault() == Fault.SERVER_BUSY && mayBeReplaced()) {
      giveUp(failure);
    } else {
      model = model == null ? asked() : model;
      end(() -> sink.failed(failure));
    }
  }

  private void end(Runnable word) {
    stage = Stage.ENDING;
    lastWord = word;
    writable();
  }

  private void giveUp(Throwable failure) {
    if (stage == Stage.RUNNING) {
      leave();
      lost.accept(ErrorBody.faultOf(failure));
    }
  }

  private boolean isSpeaking() {
    return stage != Stage.OVER && model != null;
  }

  /** What is known of the model until the provider has named it. */
  private String asked() {
    return chat.model() == null ? "default" : chat.model();
  }

  private void begin() {
    if (!begun) {
      begun = true;
      sink.begun(chat.turn(), model);
    }
  }

  private void close() {
    stage = Stage.OVER;
    streams.ended(chat.listener().id());
  }
}
