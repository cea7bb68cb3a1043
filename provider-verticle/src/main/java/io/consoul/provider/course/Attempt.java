package io.consoul.provider.course;

import io.consoul.fault.Fault;
import io.consoul.message.Aside;
import io.consoul.message.FinishReason;
import io.consoul.message.Usage;
import io.consoul.provider.Completion;
import io.consoul.provider.CompletionSink;
import io.consoul.provider.CompletionStream;
import io.consoul.provider.ProviderAdapter;
import io.consoul.provider.Target;
import io.consoul.provider.UpstreamFailure;
import io.consoul.provider.UpstreamFailure.Cause;
import io.consoul.provider.health.Permit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One call of one target within a course. After {@link #leave} it is not heard of any more. */
final class Attempt implements CompletionSink {

  private static final Logger log = LoggerFactory.getLogger(Attempt.class);

  private final Course course;
  private final Target target;
  private final Permit permit;
  private final Joint joint;
  private final CallSpan span;
  private final Seam seam;
  private final PairJoiner pairs = new PairJoiner();
  private final AsideJoiner asidePairs = new AsideJoiner();

  /** Null while the conversation is cut to the target's window. */
  private CompletionStream stream;

  private boolean paused;
  private boolean left;
  private boolean spoke;
  private boolean heard;

  Attempt(Course course, Target target, Permit permit, Joint joint, CallSpan span) {
    this.course = course;
    this.target = target;
    this.permit = permit;
    this.joint = joint;
    this.span = span;
    this.seam = joint.seam();
  }

  void start(ProviderAdapter adapter, Completion completion) {
    if (left) {
      return;
    }
    try {
      stream = span.context().call(() -> adapter.open(completion, this));
    } catch (RuntimeException defect) {
      // Its message may quote the request.
      log.error("no call of {}: {}", target, defect.getClass().getName());
      fail(new UpstreamFailure(Cause.BROKEN, Fault.INTERNAL_ERROR.because()));
      return;
    }
    if (paused) {
      stream.pause();
    }
  }

  Target target() {
    return target;
  }

  /** Whether something of it has gone on to the listeners. */
  boolean spoke() {
    return spoke;
  }

  /** Whether it was given the beginning of its answer. */
  boolean isContinuation() {
    return joint.isContinuation();
  }

  void pause() {
    paused = true;
    if (stream != null) {
      stream.pause();
    }
  }

  void resume() {
    paused = false;
    if (stream != null) {
      stream.resume();
    }
  }

  /** Ends it from our side; it says nothing about the provider. */
  void leave() {
    leave(permit::released);
  }

  /**
   * Ends it since no word has come in time. That is the provider's failure where it has not even begun to respond; a head
   * without a word may be a model that thinks, and a request that had to wait for a connection is our own doing.
   *
   * @param slept whether it may have begun while it was us who did not look
   */
  void leaveUnheard(boolean slept) {
    boolean failed = !slept && stream != null && stream.isUnanswered();
    leave(failed ? permit::failed : permit::released);
  }

  private void leave(Runnable verdict) {
    if (!left) {
      left = true;
      verdict.run();
      span.left();
      if (stream != null) {
        stream.cancel();
      }
    }
  }

  @Override
  public void text(String piece) {
    if (left) {
      return;
    }
    if (!piece.isEmpty()) {
      hear();
    }
    pass(seam.take(pairs.join(piece)));
    if (!left && seam.isHopeless()) {
      left = true;
      permit.succeeded();
      stream.cancel();
      span.left();
      course.request().run(course::notJoined);
    }
  }

  @Override
  public void aside(Aside aside) {
    if (left) {
      return;
    }
    spoke |= aside instanceof Aside.ToolCall;
    hear();
    asidePairs.join(aside).ifPresent(course::aside);
  }

  @Override
  public void answeredBy(String model) {
    if (!left) {
      span.answeredBy(model);
    }
  }

  @Override
  public void end(FinishReason reason, Usage told) {
    if (left) {
      return;
    }
    pass(seam.take(pairs.end()));
    String rest = left ? "" : seam.end();
    if (left) {
      return;
    }
    if (rest != null) {
      pass(rest);
    }
    if (left) {
      return;
    }
    left = true;
    permit.succeeded();
    span.ended(reason, told);
    if (rest == null) {
      course.request().run(course::notJoined);
    } else if (isContinuation() && !spoke && reason == FinishReason.STOP) {
      course.request().run(course::nothingMore);
    } else {
      course.request().run(() -> course.ended(reason, told));
    }
  }

  @Override
  public void fail(UpstreamFailure failure) {
    if (left) {
      return;
    }
    left = true;
    span.failed(failure);
    course.request().run(() -> course.failed(this, failure));
  }

  Permit permit() {
    return permit;
  }

  /** The answer may end with a piece, for it may be too long: then this one is left within the call. */
  private void pass(String text) {
    if (!text.isEmpty()) {
      spoke = true;
      course.said(text);
    }
  }

  private void hear() {
    if (!heard) {
      heard = true;
      span.firstToken();
      permit.answering();
      course.heard();
    }
  }
}
