package io.consoul.gc;

import static java.util.concurrent.TimeUnit.SECONDS;

import io.consoul.message.BusMessage;
import io.consoul.message.Handlers;
import io.consoul.message.Kind;
import io.consoul.message.Sweep;
import io.consoul.node.Membership;
import io.consoul.node.Node;
import io.vertx.core.Future;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;

/** A session instance that knows nothing but sweeps. */
final class SweptSession {

  private SweptSession() {}

  /** @return the sweeps that it was asked for, so far */
  static List<Sweep> join(Node node, Function<Sweep, Future<? extends BusMessage>> script)
      throws Exception {
    Membership membership = node.directory().join(Kind.SESSION);
    List<Sweep> asked = new CopyOnWriteArrayList<>();
    node.bus()
        .serve(membership.inbox(), new Handlers().on(Sweep.class, sweep -> {
              asked.add(sweep);
              return script.apply(sweep);
            }))
        .completion()
        .await(20, SECONDS);
    return asked;
  }
}
