/// The area under straight lines between points.
func trapezoid(_ x: [Double], _ y: [Double]) -> Double {
    zip(zip(x, x.dropFirst()), zip(y, y.dropFirst())).reduce(0) { sum, points in
        let ((x0, x1), (y0, y1)) = points
        return sum + (x1 - x0) * (y0 + y1) / 2
    }
}
