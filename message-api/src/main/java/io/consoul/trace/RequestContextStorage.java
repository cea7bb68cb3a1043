package io.consoul.trace;

import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxBootstrap;
import io.vertx.core.spi.VertxServiceProvider;
import io.vertx.core.spi.context.storage.ContextLocal;

/**
 * The place of a {@link RequestContext} in the contexts of Vert.x, which loads this class before it makes any of them.
 */
public final class RequestContextStorage implements VertxServiceProvider {

  private static final ContextLocal<RequestContext> PLACE =
      ContextLocal.registerLocal(RequestContext.class);

  @Override
  public void init(VertxBootstrap builder) {
    // that the class is loaded is enough
  }

  /** Null where there is none. */
  static RequestContext get(ContextInternal context) {
    return context.getLocal(PLACE);
  }

  static void put(ContextInternal context, RequestContext request) {
    context.putLocal(PLACE, request);
  }
}
