package io.consoul.provider;

import io.consoul.message.BusMessage;
import io.consoul.message.Kind;
import io.consoul.node.Node;
import io.consoul.trace.RequestContext;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The requests of one provider instance that session instances have not answered yet. One to an instance that is gone meanwhile
 * fails when that is known, long before its time-out: a lease would not last much longer. Confined to its event loop.
 */
final class SessionCalls {

  private record Call(String inbox, Promise<BusMessage> reply) {}

  private final Node node;

  /** Those to instances that the directory knew; of the others it tells nothing. */
  private final Set<Call> open = new LinkedHashSet<>();

  SessionCalls(Node node) {
    this.node = node;
  }

  <R extends BusMessage> Future<R> ask(
      String inbox, BusMessage message, Class<R> reply, Duration within) {
    boolean known = node.directory().knows(inbox); // it may be gone before the request has left
    Future<R> answered = node.bus().ask(Kind.SESSION, inbox, message, reply, within);
    if (!known) {
      return answered;
    }
    Call call = new Call(inbox, RequestContext.promise());
    open.add(call);
    answered.onComplete(result -> {
      if (open.remove(call)) {
        call.reply().handle(result.map(answer -> answer));
      }
    });
    return call.reply().future().map(reply::cast);
  }

  /** To be called often, compared with what they are given. */
  void lookWhetherAllLive() {
    if (open.isEmpty()) {
      return;
    }
    List<Call> gone =
        open.stream().filter(call -> !node.directory().knows(call.inbox())).toList();
    gone.forEach(call -> {
      open.remove(call);
      call.reply()
          .fail(Kind.SESSION
              .absent()
              .retryAfter(1, "the session verticle that was asked is gone; ask again"));
    });
  }
}
