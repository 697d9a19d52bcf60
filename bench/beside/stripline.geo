// A quarter of a strip without thickness between planes that are as far apart as it is wide. At the east, two widths from
// the middle, the line goes on.
Point(1) = {0, 0, 0};
Point(2) = {0.5, 0, 0};
Point(3) = {2, 0, 0};
Point(4) = {2, 0.5, 0};
Point(5) = {0, 0.5, 0};
Line(1) = {1, 2};
Line(2) = {2, 3};
Line(3) = {3, 4};
Line(4) = {4, 5};
Line(5) = {5, 1};
Curve Loop(1) = {1:5};
Plane Surface(1) = {1};
Physical Surface(1) = {1};
Physical Curve(11) = {1};
Physical Curve(12) = {4};
Physical Curve(13) = {3};
corners[] = {2};
alpha = 1 / 2;
Include "graded.geo";
