package io.consoul.provider.echo;

import io.consoul.message.FinishReason;
import io.consoul.provider.Completion;
import io.consoul.provider.CompletionSink;
import io.consoul.provider.CompletionStream;
import io.consoul.provider.ProviderAdapter;
import io.consoul.provider.TokenCount;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;

/** The built-in model: it needs no network and no key, and goes the way of every other provider. */
public final class EchoAdapter implements ProviderAdapter {

  private final Vertx vertx;
  private final Duration delay;
  private final TokenCount tokens;

  /** @param delay before each word; zero says all at once */
  public EchoAdapter(Vertx vertx, Duration delay, TokenCount tokens) {
    this.vertx = vertx;
    this.delay = delay;
    this.tokens = tokens;
  }

  @Override
  public CompletionStream open(Completion completion, CompletionSink sink) {
    Voice voice = new Voice(completion, sink);
    voice.goOn();
    return voice;
  }

  @Override
  public Future<Void> close() {
    return Future.succeededFuture();
  }

  private final class Voice implements CompletionStream {

    private final Completion completion;
    private final CompletionSink sink;
    private final EchoAnswer answer;
    private boolean paused;
    private boolean waiting;
    private boolean cancelled;

    private Voice(Completion completion, CompletionSink sink) {
      this.completion = completion;
      this.sink = sink;
      this.answer = EchoAnswer.to(completion.history());
    }

    @Override
    public void pause() {
      paused = true;
    }

    @Override
    public void resume() {
      paused = false;
      goOn();
    }

    @Override
    public void cancel() {
      cancelled = true;
    }

    private void goOn() {
      if (waiting || cancelled) {
        return;
      }
      waiting = true;
      if (delay.isZero()) {
        vertx.runOnContext(now -> speak());
      } else {
        vertx.setTimer(delay.toMillis(), id -> speak());
      }
    }

    private void speak() {
      waiting = false;
      if (cancelled || paused) {
        return;
      }
      sink.text(delay.isZero() ? answer.rest() : answer.nextWord());
      if (answer.isSpoken()) {
        end();
      } else {
        goOn();
      }
    }

    /** Exact, not estimated: these are the only tokens that the echo model knows. */
    private void end() {
      waiting = true;
      tokens.of(completion, answer.text(), false).onSuccess(usage -> {
        if (!cancelled) {
          sink.end(FinishReason.STOP, usage);
        }
      });
    }
  }
}
