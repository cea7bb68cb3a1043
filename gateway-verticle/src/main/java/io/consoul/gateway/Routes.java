package io.consoul.gateway;

import io.consoul.fault.Fault;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpMethod;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The endpoints by path and method. A path may end in one parameter, which stands for what follows up to the next slash.
 */
final class Routes {

  /** @param open whether it is answered in any state of the node and to anybody */
  private record Route(HttpMethod method, String path, boolean open, Handler<Exchange> handler) {

    boolean matches(String requested) {
      return hasParameter()
          ? requested.startsWith(prefix()) && requested.indexOf('/', prefix().length()) < 0
          : requested.equals(path);
    }

    String parameter(String requested) {
      return hasParameter() ? requested.substring(prefix().length()) : "";
    }

    boolean takes(HttpMethod requested) {
      return method.equals(requested) || (method == HttpMethod.GET && requested == HttpMethod.HEAD);
    }

    private boolean hasParameter() {
      return path.endsWith("}");
    }

    private String prefix() {
      return path.substring(0, path.indexOf('{'));
    }
  }

  private final List<Route> routes = new ArrayList<>();

  Routes add(HttpMethod method, String path, Handler<Exchange> handler) {
    routes.add(new Route(method, path, false, handler));
    return this;
  }

  /** An endpoint that anybody may ask at any time. */
  Routes addOpen(HttpMethod method, String path, Handler<Exchange> handler) {
    routes.add(new Route(method, path, true, handler));
    return this;
  }

  boolean isOpen(String path) {
    return routes.stream().anyMatch(route -> route.open && route.matches(path));
  }

  boolean knows(String path) {
    return routes.stream().anyMatch(route -> route.matches(path));
  }

  /** Answers at a path that is known. */
  void handle(String path, Exchange exchange) {
    HttpMethod method = exchange.request().method();
    for (Route route : routes) {
      if (route.matches(path) && route.takes(method)) {
        route.handler.handle(exchange.pathParameter(route.parameter(path)));
        return;
      }
    }
    String allowed = String.join(", ", methods(path));
    exchange.response().putHeader("Allow", allowed);
    if (method == HttpMethod.OPTIONS) {
      exchange.empty(204);
    } else {
      exchange.fail(Fault.METHOD_NOT_ALLOWED.because("This path takes " + allowed + "."));
    }
  }

  private Set<String> methods(String path) {
    Set<String> methods = new LinkedHashSet<>();
    routes.stream().filter(route -> route.matches(path)).forEach(route -> {
      methods.add(route.method.name());
      if (route.method == HttpMethod.GET) {
        methods.add("HEAD");
      }
    });
    methods.add("OPTIONS");
    return methods;
  }
}
