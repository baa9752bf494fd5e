/* The offset between WGS-84 and GCJ-02: two sums of waves, scaled by the curvature of Krasovsky's ellipsoid. */
#include "rules/coordinates.h"

#include <math.h>
#include <stdbool.h>

#define PI 3.14159265358979323846
#define AXIS 6378245.0                      /* metres */
#define ECCENTRICITY 0.00669342162296594323 /* squared */

static bool outside(double lng, double lat) { return lng < 72.004 || lng > 137.8347 || lat < 0.8293 || lat > 55.8271; }

static double wave(double x, double a, double period_a, double b, double period_b) {
    return (a * sin(x * PI / period_a) + b * sin(x * PI / period_b)) * 2.0 / 3.0;
}

/* x and y: degrees from 105° east, 35° north. Both offsets share the ripple of x in sixths and halves of a degree. */
static double ripple(double x) { return wave(x, 20.0, 1.0 / 6.0, 20.0, 0.5); }

static double offset_lat(double x, double y) {
    return -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(fabs(x)) + ripple(x) +
           wave(y, 20.0, 1.0, 40.0, 3.0) + wave(y, 160.0, 12.0, 320.0, 30.0);
}

static double offset_lng(double x, double y) {
    return 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(fabs(x)) + ripple(x) +
           wave(x, 20.0, 1.0, 40.0, 3.0) + wave(x, 150.0, 12.0, 300.0, 30.0);
}

static void shift(double *lng, double *lat) {
    double x = *lng - 105.0, y = *lat - 35.0, phi = *lat * PI / 180.0;
    if (outside(*lng, *lat)) return;
    double w = 1.0 - ECCENTRICITY * sin(phi) * sin(phi);
    *lat += offset_lat(x, y) * 180.0 / (AXIS * (1.0 - ECCENTRICITY) / (w * sqrt(w)) * PI);
    *lng += offset_lng(x, y) * 180.0 / (AXIS / sqrt(w) * cos(phi) * PI);
}

void gcj02_from_wgs84(int64_t *lng, int64_t *lat) {
    double x = (double)*lng / 1e6, y = (double)*lat / 1e6;
    shift(&x, &y);
    *lng = llround(x * 1e6);
    *lat = llround(y * 1e6);
}

void wgs84_from_gcj02(int64_t *lng, int64_t *lat) {
    double x = (double)*lng / 1e6, y = (double)*lat / 1e6, gx = x, gy = y;
    if (outside(x, y)) return;
    for (int i = 0; i < 8; i++) { /* each step leaves less than a thousandth of the error before */
        double sx = x, sy = y;
        shift(&sx, &sy);
        x += gx - sx;
        y += gy - sy;
    }
    *lng = llround(x * 1e6);
    *lat = llround(y * 1e6);
}
